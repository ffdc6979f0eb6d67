/** The types of `jose`, which is an ES module, and which is loaded only where tokens are asked for. */
export type Jose = typeof import('jose', { with: { 'resolution-mode': 'import' }});
export type Payload = import('jose', { with: { 'resolution-mode': 'import' }}).JWTPayload;
export type VerifyOptions = import('jose', { with: { 'resolution-mode': 'import' }}).JWTVerifyOptions;
export type FindKey = import('jose', { with: { 'resolution-mode': 'import' }}).JWTVerifyGetKey;
