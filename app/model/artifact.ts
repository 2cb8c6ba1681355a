/** Files that runs leave, on their way from a host to where they are kept. */

/** How much of what a run leaves is kept. */
export interface ArtifactLimits {
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Bytes of all files of a run. */
  readonly runBytes: number;
}

/** Files of one run. */
export const MAX_ARTIFACTS = 100;
/** Characters of a title, and of a name. */
export const MAX_ARTIFACT_TEXT = 200;
/** Bytes of one piece. */
export const PIECE_BYTES = 96_000;

/** Some bytes of a file, in their order. */
export interface ArtifactPiece {
  /** Tells the files of one attempt apart. */
  readonly id: number;
  readonly title: string;
  /** The file's own name, without a folder. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** True for the piece that ends the file. */
  readonly last: boolean;
}
