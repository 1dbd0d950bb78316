// openai-realtime-api, which speaks the beta dialect.
import { RealtimeClient } from 'openai-realtime-api'
import { report, sound, until, url } from './scene.mjs'

const client = new RealtimeClient({ url, apiKey: 'sk-any', model: 'gpt-4o-realtime-preview' })
const called = [], errors = []
client.on('error', (error) => errors.push(error))
client.addTool(
  {
    name: 'set_power',
    description: 'Switches devices on or off.',
    parameters: {
      type: 'object',
      properties: {
        devices: { type: 'array', items: { type: 'string' } },
        state: { type: 'string', enum: ['on', 'off'] },
      },
    },
  },
  async ({ devices, state }) => {
    called.push([devices, state])
    return state === 'on' ? { status: 'done' } : { error: 'The fuse is blown.' }
  },
)
const replies = () =>
  client.conversation
    .getItems()
    .filter(({ role, status }) => role === 'assistant' && status === 'completed')
const say = (text) => client.sendUserMessageContent([{ type: 'input_text', text }])

await client.connect()
await client.waitForSessionCreated()
client.updateSession({ modalities: ['text'] })
say('hello')
await until(() => replies().length === 1, 'the answer to a greeting')
client.updateSession({ modalities: ['text', 'audio'] })
say('turn off the kitchen light')
await until(() => replies().length === 2, 'the answer to a failed call')
client.updateSession({ turn_detection: { type: 'server_vad' } })
for (const piece of sound()) client.appendInputAudio(new Int16Array(piece))
await until(() => replies().length === 3, 'the answer to a spoken command')
const formatted = replies().map((item) => item.formatted)
const heard = client.conversation
  .getItems()
  .filter(({ role, formatted }) => role === 'user' && formatted.audio.length)
  .map(({ formatted }) => formatted.transcript)
client.disconnect()
report({
  said: formatted.map(({ text, transcript }) => (text || transcript).trim()),
  heard,
  called,
  audioBytes: 2 * formatted.reduce((sum, { audio }) => sum + audio.length, 0),
  errors,
})
