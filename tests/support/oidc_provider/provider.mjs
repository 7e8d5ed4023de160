// Two providers of sign-in on loopback, by oidc-provider: one says what NHS CIS2 says, one what
// Microsoft Entra ID says. Told of us on standard input as JSON:
//   { entry, clients: {cis2: {...}, entra: {...}}, keys: [jwk, jwk], people: { cis2: {id: claims}, entra: {id: claims} } }
// Says where they are as one line of JSON. POST /rotate, on each, has it sign with the other key.
// Everybody may sign in there under their id with any password.

import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const told = JSON.parse(await text(process.stdin));
const { default: Provider } = await import(told.entry);

const ALIKE = {
  pkce: { required: () => true },
  enabledJWA: { clientAuthSigningAlgValues: ['RS256', 'PS256', 'ES256'] },
  clientAuthMethods: ['private_key_jwt'],
  features: {
    devInteractions: { enabled: true },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    userinfo: { enabled: true },
  },
  // it would not tell a machine inside of a logout, which everything here is
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  cookies: { keys: ['not a real secret'] },
  ttl: { AuthorizationCode: 60, IdToken: 300, AccessToken: 300, Session: 3600, Grant: 3600, Interaction: 300 },
};

// NHS CIS2: how they signed in stands in the ID token, their roles in userinfo.
const CIS2 = {
  ...ALIKE,
  conformIdTokenClaims: true,
  acrValues: ['AAL2_OR_AAL3_ANY'],
  scopes: ['openid', 'profile', 'nationalrbacaccess', 'associatedorgs', 'selectedrole'],
  claims: {
    openid: ['sub', 'id_assurance_level', 'authentication_assurance_level', 'selected_roleid'],
    profile: ['uid', 'name'],
    nationalrbacaccess: ['nhsid_nrbac_roles'],
    associatedorgs: ['nhsid_user_orgs'],
  },
};

// Microsoft Entra ID: everything in the ID token.
const ENTRA = {
  ...ALIKE,
  conformIdTokenClaims: true,
  scopes: ['openid', 'profile'],
  claims: { openid: ['sub', 'oid', 'tid', 'roles', 'acct'], profile: ['name'] },
};

function provider(issuer, shape, client, people, keys) {
  const found = new Provider(issuer, {
    ...shape,
    jwks: { keys },
    clients: [client],
    findAccount: (_, id) =>
      people[id] && { accountId: id, claims: async () => ({ sub: id, ...people[id] }) },
  });
  for (const failed of ['server_error', 'backchannel.error']) {
    found.on(failed, (_, error) => console.error(failed, error.message));
  }
  return found;
}

async function serve(shape, client, people) {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const [first, second] = told.keys;
  let answer = provider(issuer, shape, client, people, [first]).callback();
  server.on('request', (request, response) => {
    if (request.method === 'POST' && request.url === '/rotate') {
      answer = provider(issuer, shape, client, people, [second, first]).callback();
      response.end();
    } else {
      answer(request, response);
    }
  });
  return issuer;
}

const cis2 = await serve(CIS2, told.clients.cis2, told.people.cis2);
const entra = await serve(ENTRA, told.clients.entra, told.people.entra);
console.log(JSON.stringify({ cis2, entra }));
process.stdin.destroy();
