// The four steps of the overview of the API that this project began with, word for word but for the
// address. Around them stands only what a page would do anyhow.
import { WebSocket } from 'ws'
import { report, until, url } from './scene.mjs'

const apiKey = 'sk-any'
const told = []
console.log = (...words) => told.push(words)

// 1
const ws = new WebSocket(`${url}?model=gpt-4o-realtime-preview-2024-12-17`, [
  'realtime',
  `openai-insecure-api-key.${apiKey}`
]);

ws.onopen = () => {
  console.log('连接已建立');
};

await until(() => told.length, 'the connection')

// 2
ws.send(JSON.stringify({
  type: 'session.update',
  session: {
    modalities: ['text'],
    instructions: '你是一个友好的助手。'
  }
}));

// 3
ws.send(JSON.stringify({
  type: 'conversation.item.create',
  item: {
    type: 'message',
    role: 'user',
    content: [{ type: 'input_text', text: '你好' }]
  }
}));

ws.send(JSON.stringify({
  type: 'response.create'
}));

// 4
ws.onmessage = (event) => {
  const data = JSON.parse(event.data);

  if (data.type === 'response.text.delta') {
    console.log('增量:', data.delta);
  }

  if (data.type === 'response.done') {
    console.log('完成:', data.response.output);
  }
};

await until(() => told.at(-1)[0] === '完成:', 'the end of the response')
console.log = (line) => process.stdout.write(`${line}\n`)
report({ told, subprotocol: ws.protocol })
