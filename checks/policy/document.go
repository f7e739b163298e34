package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// maxDepth bounds the nesting of a document. A policy needs six levels.
const maxDepth = 32

type nodeKind int8

const (
	objectNode nodeKind = iota
	arrayNode
	stringNode
	numberNode
	boolNode
	nullNode
)

// node is a JSON value that keeps the order of its members, so that errors and
// explanations name things in the order in which the author wrote them.
type node struct {
	kind  nodeKind
	text  string   // of a string, number or bool
	keys  []string // of an object, in step with items
	items []node
}

// parseJSON reads one JSON value and refuses a member that is written twice:
// encoding/json would silently keep the last one, and AWS rejects the document.
func parseJSON(doc []byte) (node, error) {
	var whole json.RawMessage
	if err := json.Unmarshal(doc, &whole); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return node{}, fmt.Errorf("not JSON: %w at byte %d", err, syntax.Offset)
		}
		return node{}, fmt.Errorf("not JSON: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.UseNumber()
	return readNode(decoder, "", 0)
}

func readNode(decoder *json.Decoder, place string, depth int) (node, error) {
	if depth > maxDepth {
		return node{}, at(place, "nested more than %d levels deep", maxDepth)
	}
	token, err := decoder.Token()
	if err != nil {
		return node{}, fmt.Errorf("not JSON: %w", err)
	}
	switch value := token.(type) {
	case json.Delim:
		if value == '{' {
			return readObject(decoder, place, depth)
		}
		return readArray(decoder, place, depth)
	case string:
		return node{kind: stringNode, text: value}, nil
	case json.Number:
		return node{kind: numberNode, text: value.String()}, nil
	case bool:
		return node{kind: boolNode, text: fmt.Sprint(value)}, nil
	default:
		return node{kind: nullNode}, nil
	}
}

func readObject(decoder *json.Decoder, place string, depth int) (node, error) {
	object := node{kind: objectNode}
	seen := map[string]bool{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return node{}, fmt.Errorf("not JSON: %w", err)
		}
		key := token.(string)
		if seen[key] {
			return node{}, at(member(place, key), "written twice")
		}
		seen[key] = true
		item, err := readNode(decoder, member(place, key), depth+1)
		if err != nil {
			return node{}, err
		}
		object.keys = append(object.keys, key)
		object.items = append(object.items, item)
	}
	_, err := decoder.Token()
	return object, err
}

func readArray(decoder *json.Decoder, place string, depth int) (node, error) {
	array := node{kind: arrayNode}
	for decoder.More() {
		item, err := readNode(decoder, element(place, len(array.items)), depth+1)
		if err != nil {
			return node{}, err
		}
		array.items = append(array.items, item)
	}
	_, err := decoder.Token()
	return array, err
}

// strings normalises a scalar or a list of scalars to a list. Quotation marks
// are optional for numbers and booleans:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func (n node) strings(place string) ([]string, error) {
	list := []node{n}
	if n.kind == arrayNode {
		list = n.items
	}
	texts := make([]string, 0, len(list))
	for i, item := range list {
		switch item.kind {
		case stringNode, numberNode, boolNode:
			texts = append(texts, item.text)
		default:
			where := place
			if n.kind == arrayNode {
				where = element(place, i)
			}
			return nil, at(where, "must be a string, not %s", item.describe())
		}
	}
	return texts, nil
}

func (n node) describe() string {
	switch n.kind {
	case objectNode:
		return "an object"
	case arrayNode:
		return "a list"
	case stringNode:
		return fmt.Sprintf("%q", n.text)
	case numberNode, boolNode:
		return n.text
	default:
		return "null"
	}
}

// decodeURL undoes the URL encoding (RFC 3986) in which the IAM API returns
// documents: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html
func decodeURL(doc []byte) ([]byte, error) {
	trimmed := strings.TrimSpace(string(doc))
	if !strings.HasPrefix(trimmed, "%") {
		return doc, nil
	}
	plain, err := url.PathUnescape(trimmed)
	if err != nil {
		return nil, fmt.Errorf("not URL-encoded JSON: %w", err)
	}
	return []byte(plain), nil
}

// at is an error that names its place in the document, as Statement[0].Effect.
func at(place, format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	if place == "" {
		return errors.New(message)
	}
	return fmt.Errorf("%s: %s", place, message)
}

func member(place, key string) string {
	if place == "" {
		return key
	}
	return place + "." + key
}

func element(place string, index int) string {
	return fmt.Sprintf("%s[%d]", place, index)
}
