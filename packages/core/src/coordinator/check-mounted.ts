/**
 * Owns what something has to be to be mounted: what lacks a member, or describes its input with a schema that is none,
 * would fail in the middle of a turn, and take the whole turn with it.
 */
import { AmplifierError } from "../errors/amplifier-error.ts";
import type { MountPoint } from "../ports/module-coordinator.ts";
import { schemaProblems } from "../schema/schema-problems.ts";

const METHODS: Readonly<Record<MountPoint, readonly string[]>> = {
  orchestrator: ["execute"],
  context: ["addMessage", "getMessages", "getMessagesForRequest", "setMessages", "clear"],
  // `stream`, or `complete` in its place, is looked for where the one is made of the other.
  providers: ["getInfo", "listModels"],
  tools: ["execute"],
};

/** Checks what is about to be mounted. @throws AmplifierError `mount_failed` with what it lacks */
export function checkMounted(point: MountPoint, module: unknown): void {
  const members = (module ?? {}) as Readonly<Record<string, unknown>>;
  const missing = METHODS[point].filter((name) => typeof members[name] !== "function");
  if (missing.length > 0) throw mountFailed(point, members["name"], `has no method ${missing.join(", ")}`);
  const schema = members["inputSchema"];
  if (point !== "tools" || schema === undefined) return;
  const [problem] = schemaProblems(schema);
  if (problem !== undefined) {
    throw mountFailed(
      point,
      members["name"],
      `has an inputSchema that is none: ${problem.path || "it"} ${problem.message}`,
    );
  }
}

function mountFailed(point: MountPoint, name: unknown, reason: string): AmplifierError<"mount_failed"> {
  const named = typeof name === "string" ? ` ("${name}")` : "";
  return new AmplifierError("mount_failed", `What is mounted at "${point}"${named} ${reason}.`, {
    data: { point, ...(typeof name === "string" ? { name } : {}) },
  });
}
