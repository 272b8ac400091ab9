package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"

	"qgen-sidecar/engine/api"
)

// paramFlags makes flags of a method's parameters: the names with hyphens,
// members of objects after a dot. What is given is collected as the JSON object
// that the method would get over the wire, and decoded by the same rules.
type paramFlags struct {
	given map[string]any
}

func newParamFlags(fs *flag.FlagSet, params reflect.Type) *paramFlags {
	p := &paramFlags{given: map[string]any{}}
	p.add(fs, nil, params)
	return p
}

// params is the JSON object of what was given.
func (p *paramFlags) params() ([]byte, error) { return json.Marshal(p.given) }

func (p *paramFlags) add(fs *flag.FlagSet, parents []string, t reflect.Type) {
	for _, f := range api.Fields(t) {
		path := append(parents[:len(parents):len(parents)], f.Name)
		elem := f.Type
		for elem.Kind() == reflect.Pointer {
			elem = elem.Elem()
		}
		name := strings.ReplaceAll(strings.Join(path, "."), "_", "-")
		switch {
		case f.Name == "progress_token": // the command itself shows progress
		case api.DecodesItself(f.Type):
			fs.Func(name, f.Doc, func(s string) error { return p.set(path, looseJSON(s)) })
			p.addMembers(fs, path, elem)
		case elem.Kind() == reflect.Struct:
			p.add(fs, path, elem)
		default:
			p.addPlain(fs, name, f.Doc, path, elem)
		}
	}
}

// addMembers also gives `--split.seed 3` for what has a shape of its own and
// is an object in its long form.
func (p *paramFlags) addMembers(fs *flag.FlagSet, path []string, t reflect.Type) {
	if t.Kind() != reflect.Struct {
		return
	}
	for _, f := range api.Fields(t) {
		if f.Name != strings.ToLower(f.Name) {
			continue // without a tag: not on the wire under this name
		}
		member := append(path[:len(path):len(path)], f.Name)
		fs.Func(strings.ReplaceAll(strings.Join(member, "."), "_", "-"), f.Doc, func(s string) error { return p.set(member, looseJSON(s)) })
	}
}

func (p *paramFlags) addPlain(fs *flag.FlagSet, name, doc string, path []string, t reflect.Type) {
	switch t.Kind() {
	case reflect.Bool:
		fs.BoolFunc(name, doc, func(s string) error {
			b, err := strconv.ParseBool(s)
			if err != nil {
				return fmt.Errorf("expected true or false")
			}
			return p.set(path, b)
		})
	case reflect.Slice:
		fs.Func(name, strings.TrimSpace(doc+" (may be repeated)"), func(s string) error { return p.append(path, s, t.Elem()) })
	case reflect.String:
		fs.Func(name, doc, func(s string) error { return p.set(path, s) })
	default:
		fs.Func(name, doc, func(s string) error { return p.setJSON(path, s, t) })
	}
}

// setJSON takes numbers and maps. `@file` reads a file.
func (p *paramFlags) setJSON(path []string, s string, t reflect.Type) error {
	s, err := fromFile(s)
	if err != nil {
		return err
	}
	if !json.Valid([]byte(s)) {
		return fmt.Errorf("expected %s, found %q", kindWords(t), s)
	}
	return p.set(path, json.RawMessage(s))
}

func kindWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return "JSON"
}

// append takes one element, or a JSON array of them; `@file` reads a file of
// either, or of JSON Lines.
func (p *paramFlags) append(path []string, s string, elem reflect.Type) error {
	s, err := fromFile(s)
	if err != nil {
		return err
	}
	var many []json.RawMessage
	switch {
	case strings.HasPrefix(strings.TrimSpace(s), "[") && json.Unmarshal([]byte(s), &many) == nil:
	case elem.Kind() == reflect.String:
		many = append(many, quoted(s))
	default:
		for line := range strings.Lines(s) {
			if line = strings.TrimSpace(line); line != "" {
				many = append(many, looseJSON(line))
			}
		}
	}
	list, _ := p.at(path).([]json.RawMessage)
	return p.set(path, append(list, many...))
}

func fromFile(s string) (string, error) {
	name, ok := strings.CutPrefix(s, "@")
	if !ok {
		return s, nil
	}
	b, err := os.ReadFile(name)
	return string(b), err
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
				return fmt.Errorf("--%s was given as a whole already", strings.Join(path[:i+1], "."))
			}
			next = map[string]any{}
			o[name] = next
		}
		o = next
	}
	o[path[len(path)-1]] = value
	return nil
}
