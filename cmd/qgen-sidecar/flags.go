package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"qgen-sidecar/engine/api"
	"qgen-sidecar/internal/clip"
	"qgen-sidecar/internal/jsonvalue"
)

// paramFlags makes flags of a method's parameters: the names with hyphens,
// members of objects after a dot. What is given is collected as the JSON object
// that the method would get over the wire, and decoded by the same rules.
type paramFlags struct {
	given map[string]any
	sets  map[string][]string // closed sets, by flag
}

func newParamFlags(fs *pflag.FlagSet, method string, params reflect.Type) *paramFlags {
	p := &paramFlags{given: map[string]any{}, sets: closedSets(method)}
	p.add(fs, nil, params)
	return p
}

// params is the JSON object of what was given.
func (p *paramFlags) params() ([]byte, error) { return json.Marshal(p.given) }

// flagName is a parameter's flag: optimizer.num_proposals is --optimizer.num-proposals.
func flagName(param string) string { return strings.ReplaceAll(param, "_", "-") }

func (p *paramFlags) add(fs *pflag.FlagSet, parents []string, t reflect.Type) {
	for _, f := range api.Fields(t) {
		if f.Name == "chunk_text" && f.Required {
			f.Doc += textFromStore
		}
		path := append(parents[:len(parents):len(parents)], f.Name)
		elem := f.Type
		for elem.Kind() == reflect.Pointer {
			elem = elem.Elem()
		}
		name := flagName(strings.Join(path, "."))
		switch {
		case f.Name == "progress_token": // the command itself shows progress
		case api.DecodesItself(f.Type):
			define(fs, name, f.Doc, p.own(name, path, elem))
			p.addMembers(fs, path, elem)
		case elem.Kind() == reflect.Struct:
			p.add(fs, path, elem)
		case elem.Kind() == reflect.Bool:
			p.addSwitch(fs, name, f, path)
		default:
			define(fs, name, f.Doc, p.plain(name, f.Doc, path, elem))
		}
	}
}

// own is the value of what has a JSON shape of its own.
func (p *paramFlags) own(name string, path []string, t reflect.Type) *value {
	v := &value{word: "TEXT|JSON", oneOf: p.sets[name], take: func(s string) error { return p.set(path, looseJSON(s)) }}
	if v.oneOf != nil {
		v.word = strings.Join(v.oneOf, "|") + "|JSON"
	}
	switch t {
	case reflect.TypeFor[api.ProgramRef]():
		v.word = "FILE|null"
	case reflect.TypeFor[api.ChunkID]():
		v.word = "ID"
	case reflect.TypeFor[json.RawMessage]():
		v.word, v.files = "JSON", true
		v.take = func(s string) error { return p.setJSON(path, s, "JSON") }
	}
	return v
}

// addMembers also gives `--split.seed 3` for what has a shape of its own and
// is an object in its long form.
func (p *paramFlags) addMembers(fs *pflag.FlagSet, path []string, t reflect.Type) {
	for _, m := range membersOf(t) {
		member := append(path[:len(path):len(path)], m.name)
		name := flagName(strings.Join(member, "."))
		if set := p.sets[name]; m.list {
			define(fs, name, m.doc, p.list(member, "NAME", set, reflect.TypeFor[string]()))
		} else {
			define(fs, name, m.doc, &value{word: m.word, take: func(s string) error { return p.set(member, looseJSON(s)) }})
		}
	}
}

func (p *paramFlags) addSwitch(fs *pflag.FlagSet, name string, f api.Field, path []string) {
	v := &value{take: func(s string) error {
		b, err := strconv.ParseBool(s)
		if err != nil {
			return fmt.Errorf("expected true or false, found %q", clip.Runes(s, 60))
		}
		return p.set(path, b)
	}}
	if f.Type.Kind() == reflect.Pointer { // on, unless it is turned off
		v.word = "[=false]"
	}
	defineSwitch(fs, name, f.Doc, v)
}

func (p *paramFlags) plain(name, doc string, path []string, t reflect.Type) *value {
	switch t.Kind() {
	case reflect.Slice:
		word := map[reflect.Kind]string{reflect.Struct: "JSON", reflect.Float32: "NUMBERS"}[t.Elem().Kind()]
		switch {
		case p.sets[name] != nil:
			word = "NAME"
		case t.Elem() == reflect.TypeFor[api.ProgramRef]():
			word = "FILE|null"
		case word == "" && strings.Contains(doc, "file"):
			word = "FILE"
		case word == "":
			word = "TEXT"
		}
		return p.list(path, word, p.sets[name], t.Elem())
	case reflect.String:
		return p.text(name, doc, path)
	case reflect.Int, reflect.Int64:
		return &value{word: "N", take: func(s string) error {
			if _, err := wholeNumber(s); err != nil {
				return err
			}
			return p.setJSON(path, s, "a whole number")
		}}
	case reflect.Float32, reflect.Float64:
		return &value{word: "NUMBER", take: func(s string) error { return p.setJSON(path, s, "a number") }}
	}
	return &value{word: "JSON", files: true, take: func(s string) error { return p.setJSON(path, s, "JSON") }}
}

func (p *paramFlags) text(name, doc string, path []string) *value {
	v := &value{word: "TEXT", oneOf: p.sets[name], take: func(s string) error { return p.set(path, s) }}
	switch {
	case v.oneOf != nil:
		v.word = "NAME"
		v.take = func(s string) error {
			if err := oneOf(v.oneOf, s); err != nil {
				return err
			}
			return p.set(path, s)
		}
	case strings.HasPrefix(doc, "path"):
		v.word = "FILE"
	}
	return v
}

// setJSON takes numbers, objects and what is any JSON. `@file` reads a file.
func (p *paramFlags) setJSON(path []string, typed, kind string) error {
	s, err := fromFile(typed)
	if err != nil {
		return err
	}
	if !json.Valid([]byte(s)) || kind != "JSON" && jsonvalue.Kind([]byte(s)) != "a number" {
		return fmt.Errorf("expected %s, found %q", kind, clip.Runes(s, 60))
	}
	return p.set(path, json.RawMessage(s))
}

// list takes one element, or a JSON array of them; names of a closed set also with
// commas between them; `@file` reads a file of either, or of JSON Lines.
func (p *paramFlags) list(path []string, word string, set []string, elem reflect.Type) *value {
	return &value{word: word, repeated: true, files: true, oneOf: set, take: func(s string) error {
		s, err := fromFile(s)
		if err != nil {
			return err
		}
		many, err := elements(s, set, elem)
		if err != nil {
			return err
		}
		list, _ := p.at(path).([]json.RawMessage)
		return p.set(path, append(list, many...))
	}}
}

func elements(s string, set []string, elem reflect.Type) (many []json.RawMessage, err error) {
	trimmed := strings.TrimSpace(s)
	array := strings.HasPrefix(trimmed, "[")
	switch {
	case array && json.Unmarshal([]byte(s), &many) == nil:
	case array && elem.Kind() != reflect.String:
		return nil, fmt.Errorf("expected a JSON array, found %q", clip.Runes(trimmed, 60))
	case set != nil:
		for _, name := range strings.Split(trimmed, ",") {
			many = append(many, quoted(strings.TrimSpace(name)))
		}
	case elem.Kind() == reflect.String:
		return []json.RawMessage{quoted(s)}, nil
	default:
		for line := range strings.Lines(s) {
			if line = strings.TrimSpace(line); line != "" {
				many = append(many, looseJSON(line))
			}
		}
	}
	for _, raw := range many {
		var name string
		if set == nil || json.Unmarshal(raw, &name) != nil {
			continue // the method says what it wants
		}
		if err := oneOf(set, name); err != nil {
			return nil, err
		}
	}
	return many, nil
}

// looseJSON is s when it is JSON, else s as a string: `--program x.json`,
// `--program null`, `--split 70/30`, `--seed 4`.
func looseJSON(s string) json.RawMessage {
	if json.Valid([]byte(s)) {
		return json.RawMessage(s)
	}
	return quoted(s)
}

func quoted(s string) json.RawMessage {
	b, _ := json.Marshal(s)
	return b
}

func (p *paramFlags) at(path []string) any {
	o := p.given
	for _, name := range path[:len(path)-1] {
		next, _ := o[name].(map[string]any)
		o = next
	}
	return o[path[len(path)-1]]
}

// set puts a value into the object, making the objects on the way.
func (p *paramFlags) set(path []string, value any) error {
	o := p.given
	for i, name := range path[:len(path)-1] {
		next, ok := o[name].(map[string]any)
		if !ok {
			if _, taken := o[name]; taken {
				return fmt.Errorf("expected either --%s or its members, found both", flagName(strings.Join(path[:i+1], ".")))
			}
			next = map[string]any{}
			o[name] = next
		}
		o = next
	}
	last := path[len(path)-1]
	if _, members := o[last].(map[string]any); members {
		return fmt.Errorf("expected either --%s or its members, found both", flagName(strings.Join(path, ".")))
	}
	o[last] = value
	return nil
}
