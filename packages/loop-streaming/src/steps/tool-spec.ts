/**
 * Owns how a tool is described to the model: as a function, or as the provider's own kind of tool where it says so. A
 * native description that cannot be read never costs the tool.
 */
import { errorInfo, type Tool, type ToolSpec } from "amplifier-core";

/** What the model is told of `tool`; `warn` hears why its native description is not used. */
export function toolSpec(tool: Tool, warn: (message: string) => void): ToolSpec {
  return nativeSpec(tool, warn) ?? functionSpec(tool);
}

function functionSpec(tool: Tool): ToolSpec {
  return { name: tool.name, description: tool.description, parameters: tool.inputSchema ?? { type: "object" } };
}

function nativeSpec(tool: Tool, warn: (message: string) => void): ToolSpec | null {
  const unused = (why: string): null => {
    warn(`The native description of tool "${tool.name}" is not used, it is sent as a function: ${why}.`);
    return null;
  };
  try {
    // May be a getter, of a stranger's class.
    const native: unknown = tool.nativeSpec;
    if (native === undefined || native === null) return null;
    if (typeof native !== "object" || !("type" in native) || typeof native.type !== "string")
      return unused("nativeSpec is no object with a type");
    return { name: tool.name, ...native, type: native.type };
  } catch (error) {
    return unused(errorInfo(error).msg);
  }
}
