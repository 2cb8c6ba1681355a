/** The part of deno.lock that the executable needs: what the import map names, and what that depends on. */

interface Lock {
  readonly version: string;
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, { readonly dependencies?: readonly string[] }>>;
  readonly workspace: { readonly dependencies: readonly string[] };
}

/** Leaves out the packages that only tests and scripts use: the compiler would embed every package of the lock. */
export function runtimeLock(lock: Lock): Lock {
  const roots = Object.entries(lock.specifiers).filter(([specifier]) =>
    lock.workspace.dependencies.includes(specifier)
  );
  const needed = new Set<string>();
  const visit = (packageId: string) => {
    if (needed.has(packageId)) return;
    needed.add(packageId);
    for (const dependency of runtimeDependencies(lock, packageId)) visit(packageIdOf(lock, dependency));
  };
  for (const [specifier, version] of roots) visit(`${nameOf(specifier)}@${version}`);
  return {
    ...lock,
    specifiers: Object.fromEntries(roots),
    npm: Object.fromEntries(
      Object.entries(lock.npm).filter(([id]) => needed.has(id)).map(([id, entry]) => [
        id,
        entry.dependencies ? { ...entry, dependencies: runtimeDependencies(lock, id) } : entry,
      ]),
    ),
  };
}

/**
 * Packages of types are for the compiler's eyes only, and one is for browsers: the cloud login of SQL Server's driver names
 * it, and loads another one where there is no browser.
 */
const NOT_AT_RUN_TIME = /^@types\/|^@azure\/msal-browser(?:@|$)/;

function runtimeDependencies(lock: Lock, packageId: string): readonly string[] {
  return (lock.npm[packageId]?.dependencies ?? []).filter((each) => !NOT_AT_RUN_TIME.test(each));
}

/** `npm:hono@4.13.19` → `hono`, `npm:@scope/name@1` → `@scope/name` */
function nameOf(specifier: string): string {
  return specifier.replace(/^npm:/, "").replace(/(?<=.)@.*$/, "");
}

/** A dependency is named in full, or by its name alone where the lock holds one version of it. */
function packageIdOf(lock: Lock, dependency: string): string {
  if (dependency in lock.npm) return dependency;
  const found = Object.keys(lock.npm).find((id) => id.startsWith(`${dependency}@`));
  if (found === undefined) throw new Error(`deno.lock has no package for the dependency ${dependency}`);
  return found;
}
