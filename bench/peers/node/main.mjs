// AWS's SDK for JavaScript with marshall and unmarshall. `node main.mjs URL` reads lines `get N`, `put N` or `batch N`,
// does N operations with 64 in flight and answers `done`.

import http from "node:http";
import { createInterface } from "node:readline";

import { BatchGetItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";

const inFlight = 64;

const client = new DynamoDBClient({
    region: "us-east-1",
    endpoint: process.argv[2],
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" },
    // The SDK's own agent has at most 50 sockets.
    requestHandler: { httpAgent: new http.Agent({ keepAlive: true, maxSockets: inFlight }) },
});

const key = (i) => marshall({ id: "01HQ3K4N5M6P7Q8R9S0T1U" + String(i).padStart(4, "0") });

async function get() {
    const output = await client.send(new GetItemCommand({ TableName: "accounts", Key: key(0) }));
    return unmarshall(output.Item);
}

async function put(account) {
    await client.send(new PutItemCommand({ TableName: "accounts", Item: marshall(account) }));
}

async function batch() {
    const keys = Array.from({ length: 100 }, (_, i) => key(i));
    const output = await client.send(new BatchGetItemCommand({ RequestItems: { accounts: { Keys: keys } } }));
    return output.Responses.accounts.map((item) => unmarshall(item));
}

const sample = await get();
const operations = {
    async get() {
        if ((await get()).version !== 7) throw new Error("the answer was not read right");
    },
    put: () => put(sample),
    async batch() {
        if ((await batch()).length !== 100) throw new Error("the answer was not read right");
    },
};

for await (const line of createInterface({ input: process.stdin })) {
    const [operation, count] = line.split(" ");
    let left = Number(count);
    const worker = async () => {
        while (left > 0) {
            --left;
            await operations[operation]();
        }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
    console.log("done");
}
process.exit(0);
