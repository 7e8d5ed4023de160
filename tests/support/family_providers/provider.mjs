// GOV.UK One Login and NHS login on loopback, by oidc-provider: what each says of invented people.
// Told of us on standard input as JSON:
//   { entry, clients: {one, nhs}, keys: {one: jwk, nhs: jwk, core: jwk}, people: {id: {...}} }
// Says where they are as one line of JSON. One Login's own statement of identity is signed here, as
// it is asked for; by what, it says at /did.json. Everybody signs in under their id.

import { createPrivateKey, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const told = JSON.parse(await text(process.stdin));
const { default: Provider } = await import(told.entry);

const VOCAB = 'https://vocab.account.gov.uk/v1/';
const ALIKE = {
  conformIdTokenClaims: true,
  pkce: { required: () => true },
  clientAuthMethods: ['private_key_jwt'],
  extraParams: ['vtr'],
  features: {
    devInteractions: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    userinfo: { enabled: true },
    claimsParameter: { enabled: true },
  },
  // it would not tell a machine inside of a logout, which everything here is
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  cookies: { keys: ['not a real secret'] },
  ttl: { AuthorizationCode: 60, IdToken: 180, AccessToken: 180, Session: 3600, Grant: 3600, Interaction: 300 },
};

const SHAPES = {
  one: {
    ...ALIKE,
    enabledJWA: { clientAuthSigningAlgValues: ['RS256'], idTokenSigningAlgValues: ['ES256'] },
    scopes: ['openid'],
    claims: {
      openid: ['sub', 'vot'],
      [`${VOCAB}coreIdentityJWT`]: null,
      [`${VOCAB}address`]: null,
      [`${VOCAB}returnCode`]: null,
    },
  },
  nhs: {
    ...ALIKE,
    enabledJWA: { clientAuthSigningAlgValues: ['RS256'], idTokenSigningAlgValues: ['RS512'] },
    scopes: ['openid', 'profile', 'profile_extended'],
    claims: {
      openid: ['sub', 'vot'],
      profile: ['nhs_number', 'family_name', 'birthdate', 'identity_proofing_level'],
      profile_extended: ['given_name'],
    },
  },
};

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function statement(issuer, client, id, identity) {
  const now = Math.floor(Date.now() / 1000);
  const { aud = client, iss = `${issuer}/identity`, sub = id, ...said } = identity;
  const head = part({ alg: 'ES256', typ: 'JWT', kid: `${issuer}#core` });
  const body = part({ iss, aud, sub, iat: now, nbf: now, exp: now + 1800, ...said });
  const key = createPrivateKey({ key: told.keys.core, format: 'jwk' });
  const bytes = sign('sha256', Buffer.from(`${head}.${body}`), { key, dsaEncoding: 'ieee-p1363' });
  return `${head}.${body}.${bytes.toString('base64url')}`;
}

function claimsOf(name, issuer, client, id) {
  const { core, ...said } = told.people[id];
  if (core === undefined) return said;
  return { ...said, [`${VOCAB}coreIdentityJWT`]: statement(issuer, client, id, core) };
}

async function serve(name) {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const client = told.clients[name];
  const found = new Provider(issuer, {
    ...SHAPES[name],
    jwks: { keys: [told.keys[name]] },
    clients: [client],
    findAccount: (_, id) =>
      told.people[id] && {
        accountId: id,
        claims: async () => ({ sub: id, ...claimsOf(name, issuer, client.client_id, id) }),
      },
  });
  for (const failed of ['server_error', 'backchannel.error']) {
    found.on(failed, (_, error) => console.error(failed, error.message));
  }
  const { d, ...core } = told.keys.core;
  const method = { id: `${issuer}#core`, type: 'JsonWebKey', controller: issuer, publicKeyJwk: core };
  const answer = found.callback();
  server.on('request', (request, response) => {
    if (request.url === '/did.json') {
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ id: issuer, assertionMethod: [method] }));
    } else {
      answer(request, response);
    }
  });
  return issuer;
}

console.log(JSON.stringify({ one: await serve('one'), nhs: await serve('nhs') }));
process.stdin.destroy();
