package limits

// Headers tell of a limit, and not whose it is: some APIs give each model its own,
// others one to each key. What an endpoint tells is so taken for one limit of all
// its models, until it proves to be each one's own: two models are told of
// different ones, or more remains than there could if all drew on it. Without
// headers nothing tells, and every model learns for itself.

// owed is what a limit had still to earn when a call was sent, in requests: if it
// is one for all models, and if it is the model's own.
type owed struct{ all, own float64 }

// evidence sums up, over replies, what was owed and what the headers said was
// used. One reply proves little: calls that are sent at once arrive in any order.
type evidence struct {
	replies        int
	all, own, used float64
}

const (
	enoughReplies = 20
	enoughApart   = 0.5 // requests between the two, on average
)

// proves adds a reply, and reports after enough of them, at least so many, whether
// what remains is nearer to what a model alone has left of a limit of its own than
// to what all have left of one. Then it begins anew.
func (v *evidence) proves(at owed, h Rate, least int) bool {
	v.replies++
	v.all, v.own, v.used = v.all+at.all, v.own+at.own, v.used+float64(h.Limit-h.Remaining)
	if v.replies < max(enoughReplies, least) {
		return false
	}
	seen := *v
	*v = evidence{}
	return seen.all-seen.own >= enoughApart*float64(seen.replies) && seen.used < (seen.all+seen.own)/2
}
