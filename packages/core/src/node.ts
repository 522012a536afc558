/**
 * The same API as `index.ts`, for Node: adds a finder of modules on disk as the default.
 */
export * from "./index.ts";
