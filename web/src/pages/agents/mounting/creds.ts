// The standard file of NATS' credentials, as `agent_kit.login` writes it: the address, then the JWT, then the seed.

/** jwt: what the platform issued for the public key. url: where the agent connects. */
export const credsText = (jwt: string, seed: string, url: string) => `# arena-url: ${url}
-----BEGIN NATS USER JWT-----
${jwt}
------END NATS USER JWT------

************************* IMPORTANT *************************
NKEY Seed printed below can be used to sign and prove identity.
NKEYs are sensitive and should be treated as secrets.

-----BEGIN USER NKEY SEED-----
${seed}
------END USER NKEY SEED------

*************************************************************
`;

/** A file's name that needs no quotes in any shell, and still tells whose it is. */
export function credsName(agent: string): string {
  const plain = agent
    .normalize('NFKC')
    .replace(/[^\p{Letter}\p{Number}._]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  return `${plain || 'agent'}.creds`;
}

/** Hand a text over as a file of this name. */
export function download(name: string, content: string) {
  const url = URL.createObjectURL(new Blob([content], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
