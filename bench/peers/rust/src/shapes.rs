// Entities of four shapes: small, wide (100 attributes), deep (10 maps in one another), large (300 KB).

use std::cell::RefCell;
use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes that are stored as B, where a Vec<u8> would be a list of numbers.
#[derive(Clone)]
struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(&self.0)
    }
}
impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct ToBytes;
        impl<'de> Visitor<'de> for ToBytes {
            type Value = Bytes;
            fn expecting(&self, to: &mut std::fmt::Formatter) -> std::fmt::Result {
                to.write_str("bytes")
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
                Ok(Bytes(bytes))
            }
            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        from.deserialize_byte_buf(ToBytes)
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Small {
    id: String,
    name: String,
    count: i64,
    active: bool,
}

#[derive(Clone, Serialize, Deserialize)]
struct Wide {
    t00: String,
    t01: String,
    t02: String,
    t03: String,
    t04: String,
    t05: String,
    t06: String,
    t07: String,
    t08: String,
    t09: String,
    t10: String,
    t11: String,
    t12: String,
    t13: String,
    t14: String,
    t15: String,
    t16: String,
    t17: String,
    t18: String,
    t19: String,
    t20: String,
    t21: String,
    t22: String,
    t23: String,
    t24: String,
    t25: String,
    t26: String,
    t27: String,
    t28: String,
    t29: String,
    t30: String,
    t31: String,
    t32: String,
    t33: String,
    t34: String,
    t35: String,
    t36: String,
    t37: String,
    t38: String,
    t39: String,
    n40: i64,
    n41: i64,
    n42: i64,
    n43: i64,
    n44: i64,
    n45: i64,
    n46: i64,
    n47: i64,
    n48: i64,
    n49: i64,
    n50: i64,
    n51: i64,
    n52: i64,
    n53: i64,
    n54: i64,
    n55: i64,
    n56: i64,
    n57: i64,
    n58: i64,
    n59: i64,
    n60: i64,
    n61: i64,
    n62: i64,
    n63: i64,
    n64: i64,
    n65: i64,
    n66: i64,
    n67: i64,
    n68: i64,
    n69: i64,
    d70: f64,
    d71: f64,
    d72: f64,
    d73: f64,
    d74: f64,
    d75: f64,
    d76: f64,
    d77: f64,
    d78: f64,
    d79: f64,
    d80: f64,
    d81: f64,
    d82: f64,
    d83: f64,
    d84: f64,
    d85: f64,
    d86: f64,
    d87: f64,
    d88: f64,
    d89: f64,
    b90: bool,
    b91: bool,
    b92: bool,
    b93: bool,
    b94: bool,
    b95: bool,
    b96: bool,
    b97: bool,
    b98: bool,
    b99: bool,
}

#[derive(Clone, Serialize, Deserialize)]
struct Level10 {
    name: String,
    number: i64,
    inner: Level9,
}

#[derive(Clone, Serialize, Deserialize)]
struct Level9 {
    name: String,
    number: i64,
    inner: Level8,
}

#[derive(Clone, Serialize, Deserialize)]
struct Level8 {
    name: String,
    number: i64,
    inner: Level7,
}

#[derive(Clone, Serialize, Deserialize)]
struct Level7 {
    name: String,
    number: i64,
    inner: Level6,
}

#[derive(Clone, Serialize, Deserialize)]
struct Level6 {
    name: String,
    number: i64,
    inner: Level5,
}

#[derive(Clone, Serialize, Deserialize)]
struct Level5 {
    name: String,
    number: i64,
    inner: Level4,
}

#[derive(Clone, Serialize, Deserialize)]
struct Level4 {
    name: String,
    number: i64,
    inner: Level3,
}

#[derive(Clone, Serialize, Deserialize)]
struct Level3 {
    name: String,
    number: i64,
    inner: Level2,
}

#[derive(Clone, Serialize, Deserialize)]
struct Level2 {
    name: String,
    number: i64,
    inner: Level1,
}

#[derive(Clone, Serialize, Deserialize)]
struct Level1 {
    name: String,
    number: i64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Deep {
    id: String,
    top: Level10,
}

#[derive(Clone, Serialize, Deserialize)]
struct Large {
    id: String,
    text: String,
    bytes: Bytes,
    list: Vec<String>,
}

const ID: &str = "01HQ3K4N5M6P7Q8R9S0T1U0000";

thread_local! {
    static SMALL: RefCell<Option<Small>> = const { RefCell::new(None) };
    static WIDE: RefCell<Option<Wide>> = const { RefCell::new(None) };
    static DEEP: RefCell<Option<Deep>> = const { RefCell::new(None) };
    static LARGE: RefCell<Option<Large>> = const { RefCell::new(None) };
}

async fn get<T: DeserializeOwned>(client: &Client, table: &str, key: &str) -> T {
    let output = client
        .get_item()
        .table_name(table)
        .set_key(Some(HashMap::from([(
            key.to_string(),
            AttributeValue::S(ID.to_string()),
        )])))
        .send()
        .await
        .expect("GetItem");
    serde_dynamo::from_item(output.item.expect("an item")).expect("an entity")
}

async fn put<T: DeserializeOwned + Serialize + Clone>(
    client: &Client,
    table: &str,
    key: &str,
    sample: &'static std::thread::LocalKey<RefCell<Option<T>>>,
) {
    if sample.with_borrow(|s| s.is_none()) {
        let read = get(client, table, key).await;
        sample.set(Some(read));
    }
    let item = sample.with_borrow(|s| serde_dynamo::to_item(s.as_ref()).expect("an item"));
    client
        .put_item()
        .table_name(table)
        .set_item(Some(item))
        .send()
        .await
        .expect("PutItem");
}

pub async fn run(client: &Client, operation: &str) {
    match operation {
        "get_small" => drop(get::<Small>(client, "shape_small", "id").await),
        "get_wide" => drop(get::<Wide>(client, "shape_wide", "t00").await),
        "get_deep" => drop(get::<Deep>(client, "shape_deep", "id").await),
        "get_large" => drop(get::<Large>(client, "shape_large", "id").await),
        "put_small" => put(client, "shape_small", "id", &SMALL).await,
        "put_wide" => put(client, "shape_wide", "t00", &WIDE).await,
        "put_deep" => put(client, "shape_deep", "id", &DEEP).await,
        "put_large" => put(client, "shape_large", "id", &LARGE).await,
        _ => panic!("unknown operation {operation}"),
    }
}
