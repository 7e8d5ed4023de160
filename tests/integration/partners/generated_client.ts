// Calls the partner interfaces with types that were generated from the published document.
// Address, client id, secret and children come on standard input as JSON; answers go out the same.
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

declare const process: {
  stdin: AsyncIterable<Uint8Array>;
  stdout: { write(text: string): void };
};

type Children =
  paths["/partners/csc/children_social_care_data/{la_code}/children"]["post"]["requestBody"]["content"]["application/json"];
type Told = {
  url: string;
  client_id: string;
  secret: string;
  children: Children;
};

async function told(): Promise<Told> {
  let text = "";
  for await (const part of process.stdin) text += new TextDecoder().decode(part);
  return JSON.parse(text) as Told;
}

const { url, client_id, secret, children } = await told();
const anybody = createClient<paths>({ baseUrl: url });
const token = await anybody.POST("/oauth/token", {
  body: { grant_type: "client_credentials", client_id, client_secret: secret },
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
});
const authorization = `Bearer ${token.data?.access_token}`;
const partner = createClient<paths>({ baseUrl: url, headers: { authorization } });
const receipts = await partner.POST("/partners/csc/children_social_care_data/{la_code}/children", {
  params: { path: { la_code: "123" } },
  body: children,
});
const listed = await partner.GET("/partners/v1/dispositions");
const stranger = createClient<paths>({ baseUrl: url, headers: { authorization: "Bearer nobody" } });
const refused = await stranger.GET("/partners/v1/dispositions");
process.stdout.write(
  JSON.stringify({
    receipts: receipts.data,
    dispositions: listed.data?.dispositions.map((one) => one.disposition),
    refused: refused.error?.title,
  }),
);
