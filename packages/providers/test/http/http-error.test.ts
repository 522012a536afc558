/** Every status and every server's way of saying what is wrong, against a real server. */
import { expect, test } from "vitest";
import { getJson } from "../../src/http/get-json.ts";
import { postSse } from "../../src/http/post-sse.ts";
import { bodyAnswer, startServer, type Answer } from "../wire/local-server.ts";

const never = new AbortController().signal;

async function errorOf(answer: Answer): Promise<Error & { readonly [field: string]: unknown }> {
  const server = await startServer(answer);
  const request = {
    url: `${server.url}/v1/chat/completions?key=in-query`,
    headers: { authorization: "Bearer sk-secret-1234" },
    body: "{}",
    provider: "openai",
    model: "gpt",
    keyName: "OPENAI_API_KEY",
  };
  const error: unknown = await postSse(request, { signal: never })
    .next()
    .catch((thrown: unknown) => thrown);
  return error as Error & { readonly [field: string]: unknown };
}

const GOOGLE_QUOTA = "RESOURCE_EXHAUSTED: You exceeded your current quota, please check your plan and billing details.";

/** Google's error, said as `STATUS: message`; each of `detail`'s fields stands in a detail of its own, as it does there. */
function google(code: number, said: string, detail: object = {}): object {
  const [status, message] = said.split(": ");
  const details = Object.entries(detail).map(([key, value]) => ({ [key]: value as unknown }));
  return { error: { code, message, status, details } };
}

const said = { error: { message: "it is so.", type: "x", code: null } };

test.each([
  [400, said, "InvalidRequestError", false],
  [401, said, "AuthenticationError", false],
  [402, said, "QuotaExceededError", false],
  [403, said, "AccessDeniedError", false],
  [404, said, "NotFoundError", false],
  [408, said, "LLMTimeoutError", true],
  [413, said, "InvalidRequestError", false],
  [422, said, "InvalidRequestError", false],
  [429, said, "RateLimitError", true],
  [500, said, "ProviderUnavailableError", true],
  [502, "<html><h1>Bad gateway</h1></html>", "ProviderUnavailableError", true],
  [503, said, "ProviderUnavailableError", true],
  [504, said, "LLMTimeoutError", true],
  [529, said, "ProviderUnavailableError", true],
  [
    429,
    { error: { message: "You exceeded your current quota", code: "insufficient_quota" } },
    "QuotaExceededError",
    false,
  ],
  [400, { error: { message: "x", code: "context_length_exceeded" } }, "ContextLengthError", false],
  [400, { error: { message: "This model's maximum context length is 8192 tokens." } }, "ContextLengthError", false],
  [
    400,
    { error: "This model's maximum prompt length is 131072 but the request contains 140000 tokens." },
    "ContextLengthError",
    false,
  ],
  [
    400,
    {
      type: "error",
      error: { type: "invalid_request_error", message: "prompt is too long: 210000 tokens > 200000 maximum" },
    },
    "ContextLengthError",
    false,
  ],
  [
    400,
    {
      error: {
        code: 400,
        message: "the request exceeds the available context size",
        type: "exceed_context_size_error",
      },
    },
    "ContextLengthError",
    false,
  ],
  [400, { error: { message: "Please reduce the length of the messages or completion." } }, "ContextLengthError", false],
  [
    400,
    { object: "error", message: "Prompt contains 40000 tokens, too large for model with 32768 maximum context length" },
    "ContextLengthError",
    false,
  ],
  [400, { error: { message: "x", code: "content_filter" } }, "ContentFilterError", false],
  [
    400,
    { error: { message: "Your request was rejected by the content management policy" } },
    "ContentFilterError",
    false,
  ],
  [400, google(400, "INVALID_ARGUMENT: API key not valid."), "AuthenticationError", false],
  [
    400,
    google(400, "INVALID_ARGUMENT: Not so.", { reason: "API_KEY_INVALID", domain: "googleapis.com" }),
    "AuthenticationError",
    false,
  ],
  [403, google(403, "PERMISSION_DENIED: Method doesn't allow unregistered callers."), "AuthenticationError", false],
  [401, google(401, "UNAUTHENTICATED: Request had invalid authentication credentials."), "AuthenticationError", false],
  [
    400,
    google(400, "INVALID_ARGUMENT: The input token count (12) exceeds the maximum number of tokens allowed (9)."),
    "ContextLengthError",
    false,
  ],
  [
    400,
    google(400, "FAILED_PRECONDITION: User location is not supported for the API use."),
    "AccessDeniedError",
    false,
  ],
  [400, [google(400, "INVALID_ARGUMENT: Unknown name")], "InvalidRequestError", false],
  [404, google(404, "NOT_FOUND: models/x is not found for API version v1beta"), "NotFoundError", false],
  [429, google(429, GOOGLE_QUOTA), "QuotaExceededError", false],
  [429, google(429, GOOGLE_QUOTA, { retryDelay: "34s" }), "RateLimitError", true],
  [
    429,
    google(429, GOOGLE_QUOTA, {
      violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier" }],
      retryDelay: "34s",
    }),
    "QuotaExceededError",
    false,
  ],
  [503, google(503, "UNAVAILABLE: The model is overloaded."), "ProviderUnavailableError", true],
  [504, google(504, "DEADLINE_EXCEEDED: Too slow."), "LLMTimeoutError", true],
  [400, { detail: [{ loc: ["body"], msg: "field required" }] }, "InvalidRequestError", false],
])("status %i with %j is a %s, retryable %s", async (...row) => {
  const [status, body, name, retryable] = row;
  const error = await errorOf(bodyAnswer(status, body));
  expect(error).toMatchObject({ name, retryable, status_code: status, provider: "openai", model: "gpt" });
});

test("the message has the place, the status, the server's words and what to do", async () => {
  const error = await errorOf(bodyAnswer(401, { error: { message: "Incorrect API key provided." } }));
  expect(error.message).toMatch(
    /^http:\/\/127\.0\.0\.1:\d+\/v1\/chat\/completions answered 401: Incorrect API key provided\. Set OPENAI_API_KEY to a valid key \(or api_key in the provider's config\)\.$/,
  );
});

test("a page is cut down to its text", async () => {
  const page = `<html><style>p{}</style><script>var x="<b>";</script><h1>Bad gateway</h1>${"<p>more</p>".repeat(500)}</html>`;
  const error = await errorOf(bodyAnswer(502, page));
  expect(error.message).toContain("answered 502: Bad gateway more more");
  expect(error.message.length).toBeLessThan(480);
});

test("a key that the server sends back, and the query, never appear", async () => {
  const error = await errorOf(bodyAnswer(401, { error: { message: "bad key sk-secret-1234 given" } }));
  expect(error.message).toContain("bad key [key] given");
  expect(JSON.stringify([error.message, error.stack, String(error.cause)])).not.toMatch(/sk-secret|in-query/);
});

test.each([
  [{ "retry-after": "7" }, 7],
  [{ "retry-after": "0.5" }, 0.5],
  [{ "retry-after-ms": "1500", "retry-after": "9" }, 1.5],
  [{ "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" }, 0],
  [{ "retry-after": "soon" }, undefined],
  [{}, undefined],
])("retry_after of %j is %s seconds", async (headers, seconds) => {
  expect(await errorOf(bodyAnswer(429, said, headers))).toMatchObject({ retry_after: seconds });
});

test.each([
  [{}, "34.074s", 34.074],
  [{ "retry-after": "7" }, "34s", 7],
  [{}, "soon", undefined],
])(
  "Google's delay in the body counts where the headers %j say none: %s is %s seconds",
  async (headers, retryDelay, seconds) => {
    const body = google(429, "RESOURCE_EXHAUSTED: Slow down.", { retryDelay });
    expect(await errorOf(bodyAnswer(429, body, headers))).toMatchObject({ retry_after: seconds });
  },
);

test("a date in the future is the seconds until then", async () => {
  const date = new Date(Date.now() + 30_000).toUTCString();
  const error = await errorOf(bodyAnswer(503, said, { "retry-after": date }));
  expect(error["retry_after"]).toBeGreaterThan(25);
  expect(error["retry_after"]).toBeLessThanOrEqual(30);
});

test("an error's body is read to 64 kB and no further", async () => {
  const error = await errorOf((response) => {
    response.writeHead(500, { "content-type": "text/plain" });
    const more = (): void => void response.write("x".repeat(10_000), () => response.destroyed || setImmediate(more));
    more();
  });
  expect(error).toMatchObject({ name: "ProviderUnavailableError", status_code: 500 });
});

test("a redirect is not followed, and says where to", async () => {
  const error = await errorOf(bodyAnswer(307, "", { location: "https://elsewhere.example/v1?token=abc" }));
  expect(error).toMatchObject({ name: "ConfigurationError", status_code: 307 });
  expect(error.message).toContain(
    "a redirect to https://elsewhere.example/v1. Redirects are not followed: correct base_url.",
  );
});

test("getJson gives the document, the same errors, and refuses what is no JSON", async () => {
  const server = await startServer(bodyAnswer(200, { data: [] }), bodyAnswer(401, said), bodyAnswer(200, "<html>"));
  const request = { url: `${server.url}/v1/models`, headers: {}, provider: "openai" };
  expect(await getJson(request, { signal: never })).toEqual({ data: [] });
  await expect(getJson(request, { signal: never })).rejects.toMatchObject({ name: "AuthenticationError" });
  await expect(getJson(request, { signal: never })).rejects.toMatchObject({
    name: "InvalidRequestError",
    message: expect.stringContaining("text/html"),
  });
  await expect(getJson(request, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
});
