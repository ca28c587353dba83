// Streams one call through the proxy with the `openai` package and prints what came of it as JSON.
// Arguments: the folder that has the packages, the proxy's URL, and what to do: chat, responses or blocked.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [folder, proxy, what] = process.argv.slice(2);
const need = createRequire(`${folder}/package.json`);
const load = (name) => import(pathToFileURL(need.resolve(name)).href);
const { default: OpenAI } = await load("openai");
const { ProxyAgent, fetch } = await load("undici");

const dispatcher = new ProxyAgent(proxy);
const client = new OpenAI({ apiKey: "sk-test-key", fetch, fetchOptions: { dispatcher } });
const said = { text: "", arguments: "", usage: null, error: null };
try {
  if (what === "responses") {
    const stream = await client.responses.create({ model: "gpt-6-luna", input: "hi", stream: true });
    for await (const event of stream) {
      if (event.type === "response.output_text.delta") said.text += event.delta;
      if (event.type === "response.function_call_arguments.done") said.arguments = event.arguments;
      if (event.type === "response.completed") said.usage = event.response.usage.output_tokens;
    }
  } else {
    const messages = [{ role: "user", content: "hi" }];
    const stream_options = { include_usage: true };
    const stream = await client.chat.completions.create({ model: "gpt-6-luna", messages, stream: true, stream_options });
    for await (const chunk of stream) {
      said.text += chunk.choices[0]?.delta?.content ?? "";
      if (chunk.usage) said.usage = chunk.usage.completion_tokens;
    }
  }
} catch (error) {
  const { code, type, param, message, status } = error;
  said.error = { name: error.constructor.name, code, type, param, message, status: status ?? null };
}
await dispatcher.destroy();
process.stdout.write(JSON.stringify(said));
