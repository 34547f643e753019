// Entities of four shapes: small, wide (100 attributes), deep (10 maps in one another), large (300 KB).
package main

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type small struct {
	ID     string `dynamodbav:"id"`
	Name   string `dynamodbav:"name"`
	Count  int64  `dynamodbav:"count"`
	Active bool   `dynamodbav:"active"`
}

type wide struct {
	T00 string  `dynamodbav:"t00"`
	T01 string  `dynamodbav:"t01"`
	T02 string  `dynamodbav:"t02"`
	T03 string  `dynamodbav:"t03"`
	T04 string  `dynamodbav:"t04"`
	T05 string  `dynamodbav:"t05"`
	T06 string  `dynamodbav:"t06"`
	T07 string  `dynamodbav:"t07"`
	T08 string  `dynamodbav:"t08"`
	T09 string  `dynamodbav:"t09"`
	T10 string  `dynamodbav:"t10"`
	T11 string  `dynamodbav:"t11"`
	T12 string  `dynamodbav:"t12"`
	T13 string  `dynamodbav:"t13"`
	T14 string  `dynamodbav:"t14"`
	T15 string  `dynamodbav:"t15"`
	T16 string  `dynamodbav:"t16"`
	T17 string  `dynamodbav:"t17"`
	T18 string  `dynamodbav:"t18"`
	T19 string  `dynamodbav:"t19"`
	T20 string  `dynamodbav:"t20"`
	T21 string  `dynamodbav:"t21"`
	T22 string  `dynamodbav:"t22"`
	T23 string  `dynamodbav:"t23"`
	T24 string  `dynamodbav:"t24"`
	T25 string  `dynamodbav:"t25"`
	T26 string  `dynamodbav:"t26"`
	T27 string  `dynamodbav:"t27"`
	T28 string  `dynamodbav:"t28"`
	T29 string  `dynamodbav:"t29"`
	T30 string  `dynamodbav:"t30"`
	T31 string  `dynamodbav:"t31"`
	T32 string  `dynamodbav:"t32"`
	T33 string  `dynamodbav:"t33"`
	T34 string  `dynamodbav:"t34"`
	T35 string  `dynamodbav:"t35"`
	T36 string  `dynamodbav:"t36"`
	T37 string  `dynamodbav:"t37"`
	T38 string  `dynamodbav:"t38"`
	T39 string  `dynamodbav:"t39"`
	N40 int64   `dynamodbav:"n40"`
	N41 int64   `dynamodbav:"n41"`
	N42 int64   `dynamodbav:"n42"`
	N43 int64   `dynamodbav:"n43"`
	N44 int64   `dynamodbav:"n44"`
	N45 int64   `dynamodbav:"n45"`
	N46 int64   `dynamodbav:"n46"`
	N47 int64   `dynamodbav:"n47"`
	N48 int64   `dynamodbav:"n48"`
	N49 int64   `dynamodbav:"n49"`
	N50 int64   `dynamodbav:"n50"`
	N51 int64   `dynamodbav:"n51"`
	N52 int64   `dynamodbav:"n52"`
	N53 int64   `dynamodbav:"n53"`
	N54 int64   `dynamodbav:"n54"`
	N55 int64   `dynamodbav:"n55"`
	N56 int64   `dynamodbav:"n56"`
	N57 int64   `dynamodbav:"n57"`
	N58 int64   `dynamodbav:"n58"`
	N59 int64   `dynamodbav:"n59"`
	N60 int64   `dynamodbav:"n60"`
	N61 int64   `dynamodbav:"n61"`
	N62 int64   `dynamodbav:"n62"`
	N63 int64   `dynamodbav:"n63"`
	N64 int64   `dynamodbav:"n64"`
	N65 int64   `dynamodbav:"n65"`
	N66 int64   `dynamodbav:"n66"`
	N67 int64   `dynamodbav:"n67"`
	N68 int64   `dynamodbav:"n68"`
	N69 int64   `dynamodbav:"n69"`
	D70 float64 `dynamodbav:"d70"`
	D71 float64 `dynamodbav:"d71"`
	D72 float64 `dynamodbav:"d72"`
	D73 float64 `dynamodbav:"d73"`
	D74 float64 `dynamodbav:"d74"`
	D75 float64 `dynamodbav:"d75"`
	D76 float64 `dynamodbav:"d76"`
	D77 float64 `dynamodbav:"d77"`
	D78 float64 `dynamodbav:"d78"`
	D79 float64 `dynamodbav:"d79"`
	D80 float64 `dynamodbav:"d80"`
	D81 float64 `dynamodbav:"d81"`
	D82 float64 `dynamodbav:"d82"`
	D83 float64 `dynamodbav:"d83"`
	D84 float64 `dynamodbav:"d84"`
	D85 float64 `dynamodbav:"d85"`
	D86 float64 `dynamodbav:"d86"`
	D87 float64 `dynamodbav:"d87"`
	D88 float64 `dynamodbav:"d88"`
	D89 float64 `dynamodbav:"d89"`
	B90 bool    `dynamodbav:"b90"`
	B91 bool    `dynamodbav:"b91"`
	B92 bool    `dynamodbav:"b92"`
	B93 bool    `dynamodbav:"b93"`
	B94 bool    `dynamodbav:"b94"`
	B95 bool    `dynamodbav:"b95"`
	B96 bool    `dynamodbav:"b96"`
	B97 bool    `dynamodbav:"b97"`
	B98 bool    `dynamodbav:"b98"`
	B99 bool    `dynamodbav:"b99"`
}

type level10 struct {
	Name   string `dynamodbav:"name"`
	Number int64  `dynamodbav:"number"`
	Inner  level9 `dynamodbav:"inner"`
}

type level9 struct {
	Name   string `dynamodbav:"name"`
	Number int64  `dynamodbav:"number"`
	Inner  level8 `dynamodbav:"inner"`
}

type level8 struct {
	Name   string `dynamodbav:"name"`
	Number int64  `dynamodbav:"number"`
	Inner  level7 `dynamodbav:"inner"`
}

type level7 struct {
	Name   string `dynamodbav:"name"`
	Number int64  `dynamodbav:"number"`
	Inner  level6 `dynamodbav:"inner"`
}

type level6 struct {
	Name   string `dynamodbav:"name"`
	Number int64  `dynamodbav:"number"`
	Inner  level5 `dynamodbav:"inner"`
}

type level5 struct {
	Name   string `dynamodbav:"name"`
	Number int64  `dynamodbav:"number"`
	Inner  level4 `dynamodbav:"inner"`
}

type level4 struct {
	Name   string `dynamodbav:"name"`
	Number int64  `dynamodbav:"number"`
	Inner  level3 `dynamodbav:"inner"`
}

type level3 struct {
	Name   string `dynamodbav:"name"`
	Number int64  `dynamodbav:"number"`
	Inner  level2 `dynamodbav:"inner"`
}

type level2 struct {
	Name   string `dynamodbav:"name"`
	Number int64  `dynamodbav:"number"`
	Inner  level1 `dynamodbav:"inner"`
}

type level1 struct {
	Name   string `dynamodbav:"name"`
	Number int64  `dynamodbav:"number"`
}

type deep struct {
	ID  string  `dynamodbav:"id"`
	Top level10 `dynamodbav:"top"`
}

type large struct {
	ID    string   `dynamodbav:"id"`
	Text  string   `dynamodbav:"text"`
	Bytes []byte   `dynamodbav:"bytes"`
	List  []string `dynamodbav:"list"`
}

// shapeOf reads and writes entities of one shape; what is written was read before.
type shapeOf[T any] struct {
	table  string
	key    string
	once   sync.Once
	sample T
}

var (
	smallShape = shapeOf[small]{table: "shape_small", key: "id"}
	wideShape  = shapeOf[wide]{table: "shape_wide", key: "t00"}
	deepShape  = shapeOf[deep]{table: "shape_deep", key: "id"}
	largeShape = shapeOf[large]{table: "shape_large", key: "id"}
)

func (s *shapeOf[T]) get(client *dynamodb.Client) (T, error) {
	var found T
	output, err := client.GetItem(context.Background(), &dynamodb.GetItemInput{
		TableName: &s.table,
		Key: map[string]types.AttributeValue{
			s.key: &types.AttributeValueMemberS{Value: "01HQ3K4N5M6P7Q8R9S0T1U0000"},
		},
	})
	if err != nil {
		return found, err
	}
	return found, attributevalue.UnmarshalMap(output.Item, &found)
}

func (s *shapeOf[T]) put(client *dynamodb.Client) error {
	var failed error
	s.once.Do(func() { s.sample, failed = s.get(client) })
	if failed != nil {
		return failed
	}
	item, err := attributevalue.MarshalMap(s.sample)
	if err != nil {
		return err
	}
	_, err = client.PutItem(context.Background(), &dynamodb.PutItemInput{TableName: &s.table, Item: item})
	return err
}

func (s *shapeOf[T]) run(client *dynamodb.Client, action string) error {
	if action == "put" {
		return s.put(client)
	}
	_, err := s.get(client)
	return err
}

// onceOfShape does get_small, put_small and so on.
func onceOfShape(client *dynamodb.Client, operation string) error {
	action, shape, _ := strings.Cut(operation, "_")
	switch shape {
	case "small":
		return smallShape.run(client, action)
	case "wide":
		return wideShape.run(client, action)
	case "deep":
		return deepShape.run(client, action)
	case "large":
		return largeShape.run(client, action)
	}
	return fmt.Errorf("unknown operation %q", operation)
}
