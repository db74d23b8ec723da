// What a plain script takes to store a secret: load libsodium, send one request to GitHub, seal once. No checks, no
// retries, no time limit, no code but libsodium's: what the action takes beyond this is for what it does beyond this.
import sodium from 'libsodium-wrappers'

const [key] = await Promise.all([
  fetch(process.env.FLOOR_URL, { headers: { authorization: `Bearer ${process.env.FLOOR_TOKEN}` } }).then(
    async (response) => response.json(),
  ),
  sodium.ready,
])
const { ORIGINAL } = sodium.base64_variants
const sealed = sodium.crypto_box_seal('refresh token', sodium.from_base64(key.key, ORIGINAL))
if (sodium.to_base64(sealed, ORIGINAL) === '') process.exitCode = 1
