package points

// Selector is which parts of a payload a reader wants.
type Selector struct {
	none    bool
	exclude bool
	tree    *selectorNode // nil: everything
}

// selectorNode is a prefix tree over the steps of the selected paths.
type selectorNode struct {
	whole    bool // everything below is selected
	children map[step]*selectorNode
}

// NoPayload and WholePayload are the two plain selectors.
var (
	NoPayload    = Selector{none: true}
	WholePayload = Selector{}
)

// Include keeps only what the keys select. An index ([0]) selects nothing.
func Include(keys []string) (Selector, error) {
	tree, err := selectorTree(keys)
	return Selector{tree: tree}, err
}

// Exclude drops what the keys select.
func Exclude(keys []string) (Selector, error) {
	tree, err := selectorTree(keys)
	return Selector{tree: tree, exclude: true}, err
}

func selectorTree(keys []string) (*selectorNode, error) {
	root := &selectorNode{}
	for _, key := range keys {
		path, err := ParsePath(key)
		if err != nil {
			return nil, err
		}
		root.add(path)
	}
	return root, nil
}

func (n *selectorNode) add(path Path) {
	for _, s := range path {
		if n.whole {
			return
		}
		if n.children == nil {
			n.children = map[step]*selectorNode{}
		}
		if n.children[s] == nil {
			n.children[s] = &selectorNode{}
		}
		n = n.children[s]
	}
	n.whole, n.children = true, nil
}

// None reports that no payload is wanted at all.
func (s Selector) None() bool { return s.none }

// Apply gives the wanted part of a payload; nil only for NoPayload.
func (s Selector) Apply(payload map[string]any) map[string]any {
	switch {
	case s.none:
		return nil
	case s.tree == nil:
		return payload
	case s.exclude:
		return s.tree.without(payload).(map[string]any)
	}
	return s.tree.only(payload).(map[string]any)
}

func (n *selectorNode) only(value any) any {
	if n.whole {
		return value
	}
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, inner := range v {
			if child := n.children[step{kind: stepKey, key: k}]; child != nil {
				out[k] = child.only(inner)
			}
		}
		return out
	case []any:
		out := []any{}
		if child := n.children[step{kind: stepAll}]; child != nil {
			for _, inner := range v {
				out = append(out, child.only(inner))
			}
		}
		return out
	}
	return value
}

func (n *selectorNode) without(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, inner := range v {
			child := n.children[step{kind: stepKey, key: k}]
			if child == nil {
				out[k] = inner
			} else if !child.whole {
				out[k] = child.without(inner)
			}
		}
		return out
	case []any:
		return n.withoutElements(v)
	}
	return value
}

func (n *selectorNode) withoutElements(list []any) any {
	child := n.children[step{kind: stepAll}]
	if child == nil {
		return list
	}
	out := []any{}
	if child.whole {
		return out
	}
	for _, inner := range list {
		out = append(out, child.without(inner))
	}
	return out
}
