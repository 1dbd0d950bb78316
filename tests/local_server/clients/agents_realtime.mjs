// @openai/agents-realtime, with a client secret as a page gets one.
import { RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime'
import { z } from 'zod'
import { report, sound, until, url } from './scene.mjs'

const called = []
const setPower = tool({
  name: 'set_power',
  description: 'Switches devices on or off.',
  parameters: z.object({ devices: z.array(z.string()), state: z.enum(['on', 'off']) }),
  execute: async ({ devices, state }) => {
    called.push([devices, state])
    return state === 'on' ? { status: 'done' } : { error: 'The fuse is blown.' }
  },
})

const answer = await fetch(`${url.replace('ws', 'http')}/client_secrets`, {
  method: 'POST',
  headers: { 'Content-Type': 'application/json', Authorization: 'Bearer sk-any' },
  body: JSON.stringify({ session: { type: 'realtime', model: 'gpt-realtime-2.1' } }),
})
const { value } = await answer.json()

const agent = new RealtimeAgent({ name: 'Home', instructions: 'Be brief.', tools: [setPower] })
const session = new RealtimeSession(agent, { transport: 'websocket', model: 'gpt-realtime-2.1' })
const said = [], heard = [], errors = []
let audioBytes = 0
session.on('error', (error) => errors.push(error))
session.on('audio', ({ data }) => (audioBytes += data.byteLength))
session.on('transport_event', (event) => {
  if (event.type === 'response.output_audio_transcript.done') said.push(event.transcript.trim())
  if (event.type.endsWith('input_audio_transcription.completed')) heard.push(event.transcript)
})
await session.connect({ apiKey: value, url: `${url}?model=gpt-realtime-2.1` })
session.sendMessage('hello')
await until(() => said.length === 1, 'the answer to a greeting')
session.sendMessage('turn off the kitchen light')
await until(() => said.length === 2, 'the answer to a failed call')
for (const piece of sound()) session.sendAudio(piece)
await until(() => said.length === 3, 'the answer to a spoken command')
session.close()
report({ said, heard, called, audioBytes, errors })
