/** `/api/v1/runs/:id/artifacts`: the files that a run has left, and the bytes of one. */
import { z } from "zod";
import { BYTES, downloadHeaders } from "../../web/download.ts";
import { NO_BODY, NOTHING } from "../reading.ts";
import { route } from "../route.ts";
import { RUN_ID } from "./shapes/fields.ts";
import { MOMENT, momentText } from "./shapes/time.ts";

export const listRunArtifacts = route({
  name: "listRunArtifacts",
  group: "runs",
  method: "GET",
  path: "/runs/:id/artifacts",
  right: "view",
  params: RUN_ID,
  query: NOTHING,
  body: NO_BODY,
  headers: [],
  answers: {
    200: {
      about: "api.answer.artifacts",
      schema: z.strictObject({
        artifacts: z.array(z.strictObject({
          title: z.string(),
          file: z.string().meta({ textKey: "api.field.artifact_file" }),
          bytes: z.int(),
          at: MOMENT,
        })),
      }).meta({ id: "ArtifactList" }),
    },
  },
  problems: [404],
}, async ({ queries, params }) => {
  const { id } = await queries.runs.get(params.id);
  const artifacts = (await queries.runs.artifacts(id)).map(({ title, path, bytes, at }) => ({
    title,
    file: path,
    bytes,
    at: momentText(at),
  }));
  return { status: 200, body: { artifacts } };
});

export const getRunArtifact = route({
  name: "getRunArtifact",
  group: "runs",
  method: "GET",
  path: "/runs/:id/artifacts/:name",
  right: "view",
  params: RUN_ID.extend({ name: z.string().min(1).max(500).meta({ textKey: "api.field.artifact_file" }) }),
  query: NOTHING,
  body: NO_BODY,
  headers: [],
  answers: {
    200: {
      about: "api.answer.artifact",
      stream: { [BYTES]: z.string().meta({ contentMediaType: BYTES }) },
    },
  },
  problems: [404],
}, async ({ queries, params }) => {
  const { id } = await queries.runs.get(params.id);
  const { artifact, bytes } = await queries.runs.artifact(id, params.name);
  return { status: 200, type: BYTES, pieces: bytes, headers: downloadHeaders(artifact) };
});
