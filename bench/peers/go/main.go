// AWS's SDK for Go v2 with attributevalue, on one thread. `peer URL` reads lines `get N`, `put N`,
// `batch N`, `get_small N`, `put_small N` and so on, does N operations with 64 in flight and answers `done`.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

const inFlight = 64

type account struct {
	ID        string    `dynamodbav:"id"`
	Email     string    `dynamodbav:"email"`
	Name      string    `dynamodbav:"name"`
	Status    string    `dynamodbav:"status"`
	Age       int64     `dynamodbav:"age"`
	Version   uint64    `dynamodbav:"version"`
	Balance   float64   `dynamodbav:"balance"`
	Active    bool      `dynamodbav:"active"`
	CreatedAt time.Time `dynamodbav:"created_at"`
	UpdatedAt time.Time `dynamodbav:"updated_at"`
	Tags      []string  `dynamodbav:"tags"`
	Country   *string   `dynamodbav:"country"`
}

var table = aws.String("accounts")

func key(i int) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		"id": &types.AttributeValueMemberS{Value: fmt.Sprintf("01HQ3K4N5M6P7Q8R9S0T1U%04d", i)},
	}
}

func get(client *dynamodb.Client) (account, error) {
	var found account
	output, err := client.GetItem(context.Background(), &dynamodb.GetItemInput{TableName: table, Key: key(0)})
	if err != nil {
		return found, err
	}
	return found, attributevalue.UnmarshalMap(output.Item, &found)
}

func put(client *dynamodb.Client, a account) error {
	item, err := attributevalue.MarshalMap(a)
	if err != nil {
		return err
	}
	_, err = client.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: table, Item: item})
	return err
}

func batch(client *dynamodb.Client) ([]account, error) {
	keys := make([]map[string]types.AttributeValue, 100)
	for i := range keys {
		keys[i] = key(i)
	}
	output, err := client.BatchGetItem(context.Background(), &dynamodb.BatchGetItemInput{
		RequestItems: map[string]types.KeysAndAttributes{*table: {Keys: keys}},
	})
	if err != nil {
		return nil, err
	}
	var found []account
	return found, attributevalue.UnmarshalListOfMaps(output.Responses[*table], &found)
}

func once(client *dynamodb.Client, operation string, sample account) error {
	switch operation {
	case "get":
		found, err := get(client)
		if err == nil && found.Version != 7 {
			err = fmt.Errorf("the answer was not read right")
		}
		return err
	case "put":
		return put(client, sample)
	case "batch":
		found, err := batch(client)
		if err == nil && len(found) != 100 {
			err = fmt.Errorf("the answer was not read right")
		}
		return err
	}
	return onceOfShape(client, operation)
}

func main() {
	runtime.GOMAXPROCS(1)
	if len(os.Args) != 2 {
		log.Fatal("usage: peer URL")
	}
	// The SDK keeps 10 idle connections of a host; with 64 in flight it would connect all the time.
	transport := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = inFlight
	})
	client := dynamodb.New(dynamodb.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(os.Args[1]),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""),
		HTTPClient:   transport,
	})
	sample, err := get(client)
	if err != nil {
		log.Fatal(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var operation string
		var count int64
		if _, err := fmt.Sscan(lines.Text(), &operation, &count); err != nil {
			log.Fatal(err)
		}
		var left atomic.Int64
		left.Store(count)
		var all sync.WaitGroup
		for range inFlight {
			all.Go(func() {
				for left.Add(-1) >= 0 {
					if err := once(client, operation, sample); err != nil {
						log.Fatal(err)
					}
				}
			})
		}
		all.Wait()
		fmt.Println("done")
	}
}
