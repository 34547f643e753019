// AWS's SDK for Rust with serde_dynamo, on a current-thread runtime. `dynasio-peer-rust URL` reads lines `get N`,
// `put N`, `batch N`, `get_small N`, `put_small N` and so on, does N operations with 64 in flight and answers `done`.

mod shapes;

use std::cell::Cell;
use std::collections::HashMap;
use std::io::{BufRead, Write};
use std::rc::Rc;

use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use aws_sdk_dynamodb::{Client, Config};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

const IN_FLIGHT: usize = 64;

#[derive(Clone, Serialize, Deserialize)]
struct Account {
    id: String,
    email: String,
    name: String,
    status: String,
    age: i64,
    version: u64,
    balance: f64,
    active: bool,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    tags: Vec<String>,
    country: Option<String>,
}

fn account_id(i: usize) -> String {
    format!("01HQ3K4N5M6P7Q8R9S0T1U{i:04}")
}

fn key(i: usize) -> HashMap<String, AttributeValue> {
    HashMap::from([("id".to_string(), AttributeValue::S(account_id(i)))])
}

async fn get(client: &Client) -> Account {
    let output = client
        .get_item()
        .table_name("accounts")
        .set_key(Some(key(0)))
        .send()
        .await
        .expect("GetItem");
    serde_dynamo::from_item(output.item.expect("an item")).expect("an account")
}

async fn put(client: &Client, account: &Account) {
    let item = serde_dynamo::to_item(account).expect("an item");
    client
        .put_item()
        .table_name("accounts")
        .set_item(Some(item))
        .send()
        .await
        .expect("PutItem");
}

async fn batch(client: &Client) -> Vec<Account> {
    let keys = (0..100).map(key).collect();
    let output = client
        .batch_get_item()
        .request_items(
            "accounts",
            KeysAndAttributes::builder()
                .set_keys(Some(keys))
                .build()
                .expect("keys"),
        )
        .send()
        .await
        .expect("BatchGetItem");
    let items = output
        .responses
        .expect("responses")
        .remove("accounts")
        .expect("accounts");
    serde_dynamo::from_items(items).expect("accounts")
}

fn main() {
    let url = std::env::args().nth(1).expect("usage: dynasio-peer-rust URL");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let client = Client::from_conf(
        Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(url)
            .credentials_provider(Credentials::new(
                "AKIDEXAMPLE",
                "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                None,
                None,
                "static",
            ))
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build(),
    );
    let sample = runtime.block_on(get(&client));
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("a line");
        let (operation, count) = line.split_once(' ').expect("OPERATION COUNT");
        let left = Rc::new(Cell::new(count.parse::<usize>().expect("a number")));
        let tasks = tokio::task::LocalSet::new();
        for _ in 0..IN_FLIGHT {
            let (client, left, operation, sample) = (
                client.clone(),
                left.clone(),
                operation.to_string(),
                sample.clone(),
            );
            tasks.spawn_local(async move {
                while left.get() > 0 {
                    left.set(left.get() - 1);
                    match operation.as_str() {
                        "get" => assert_eq!(get(&client).await.version, 7),
                        "put" => put(&client, &sample).await,
                        "batch" => assert_eq!(batch(&client).await.len(), 100),
                        _ => shapes::run(&client, &operation).await,
                    }
                }
            });
        }
        runtime.block_on(tasks);
        println!("done");
        std::io::stdout().flush().expect("output");
    }
}
