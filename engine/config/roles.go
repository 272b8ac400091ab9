package config

import "slices"

// Roles inherit: a teacher that is not configured is the task model, a judge
// that is not configured is the teacher. A section without `model` takes its
// model (and endpoints, if it names none) from the same chain.

// TaskRole is the role that writes questions. Its Model is "" when nothing is
// configured, which only a host that offers `complete` can serve.
func (c *Config) TaskRole() Role {
	if c.LM.Task != nil {
		return *c.LM.Task
	}
	warm := 0.7
	return Role{Temperature: &warm, MaxTokens: 1000, Layout: "auto"}
}

// TeacherRole makes demonstrations.
func (c *Config) TeacherRole() Role { return inherit(c.LM.Teacher, c.TaskRole()) }

// JudgeRole scores. Without a section of its own it asks the teacher's model at
// temperature 0: a judge should say the same thing twice.
func (c *Config) JudgeRole() Role {
	parent := c.TeacherRole()
	cold := 0.0
	parent.Temperature, parent.Instructions = &cold, ""
	return inherit(c.LM.Judge, parent)
}

// Role finds by name; false for a name that is no role.
func (c *Config) Role(name string) (Role, bool) {
	switch name {
	case "task":
		return c.TaskRole(), true
	case "teacher":
		return c.TeacherRole(), true
	case "judge":
		return c.JudgeRole(), true
	}
	return Role{}, false
}

func inherit(own *Role, parent Role) Role {
	if own == nil {
		return parent
	}
	r := *own
	if r.Model == "" {
		r.Model = parent.Model
		if len(r.Endpoints) == 0 {
			r.Endpoints = parent.Endpoints
		}
	}
	return r
}

// HostEndpoint is the name of the endpoint that is the host's own complete
// callback. An entry of that name gives it limits and prices.
const HostEndpoint = "host"

// Remote are the endpoints that have an address: all but the host's function.
func (c *Config) Remote() []Endpoint {
	return slices.DeleteFunc(slices.Clone(c.Endpoints), func(e Endpoint) bool { return e.Name == HostEndpoint })
}

// HostLimits is the entry of the host's function, empty without one.
func (c *Config) HostLimits() Endpoint {
	for _, e := range c.Endpoints {
		if e.Name == HostEndpoint {
			return e
		}
	}
	return Endpoint{Name: HostEndpoint}
}
