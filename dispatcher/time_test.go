package dispatcher

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"qgen-sidecar/dispatcher/limits"
	"qgen-sidecar/dispatcher/outcome"
	"qgen-sidecar/dispatcher/schedule"
)

// fake is a backend in simulated time.
type fake func(ctx context.Context, c *chatCall) outcome.Outcome

func (f fake) chat(ctx context.Context, c *chatCall) *outcome.Outcome { o := f(ctx, c); return &o }
func (f fake) embed(context.Context, string, []string) *outcome.Outcome {
	return &outcome.Outcome{Kind: outcome.Rejected}
}
func good(text string) outcome.Outcome {
	return outcome.Outcome{Answer: outcome.Answer{Text: text, PromptTokens: 5, CompletionTokens: 5}, Sent: true}
}

// after answers when d has passed, unless the caller leaves.
func after(d time.Duration) fake {
	return func(ctx context.Context, c *chatCall) outcome.Outcome {
		select {
		case <-time.After(d):
			return good("ok")
		case <-ctx.Done():
			return *outcome.OfTransport(ctx, ctx.Err(), nil)
		}
	}
}

func hang(ctx context.Context, c *chatCall) outcome.Outcome {
	<-ctx.Done()
	return *outcome.OfTransport(ctx, ctx.Err(), nil)
}

func broken(context.Context, *chatCall) outcome.Outcome {
	return outcome.Outcome{Kind: outcome.Failed, Message: "HTTP 500", Sent: true}
}

// simulate opens a dispatcher over fakes, by the names a, b, c …
func simulate(t *testing.T, hedge bool, config Endpoint, backends ...fake) *Dispatcher {
	t.Helper()
	cfg := Config{Hedge: hedge}
	for i := range backends {
		e := config
		e.Name, e.BaseURL = string(rune('a'+i)), "http://127.0.0.1:1"
		cfg.Endpoints = append(cfg.Endpoints, e)
	}
	return simulateAll(t, cfg, backends...)
}

// simulateAll puts fakes in the place of the endpoints' backends.
func simulateAll(t *testing.T, cfg Config, backends ...fake) *Dispatcher {
	t.Helper()
	d, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range backends {
		d.scheduler.Endpoints()[i].Value.(*endpoint).backend = b
	}
	return d
}

func question(i int) Request {
	return Request{Role: "task", Model: "m", Messages: []Message{{"user", fmt.Sprint("question ", i)}}}
}

// load keeps callers busy for a while and counts what they got.
func load(ctx context.Context, d *Dispatcher, callers int, for_ time.Duration) (ok map[string]int, lost int) {
	var mu sync.Mutex
	ok = map[string]int{}
	var n atomic.Int64
	end := time.Now().Add(for_)
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for time.Now().Before(end) {
				reply, err := d.Chat(ctx, question(int(n.Add(1))))
				mu.Lock()
				if err != nil {
					lost++
				} else {
					ok[reply.Endpoint]++
				}
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return ok, lost
}

func total(m map[string]int) (sum int) {
	for _, n := range m {
		sum += n
	}
	return sum
}

func TestTokensAreReservedAndRefunded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// 600 tokens a minute are 10 a second: one call of 10 tokens a second,
		// although each asks for room for 500.
		d := simulate(t, false, Endpoint{TPM: 600}, after(time.Millisecond))
		defer d.Close()
		began := time.Now()
		for i := range 20 {
			req := question(i)
			req.MaxTokens = 500
			if _, err := d.Chat(t.Context(), req); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took < 17*time.Second || took > 21*time.Second {
			t.Errorf("20 calls of 10 tokens took %v at 10 tokens a second", took)
		}
	})
}

func TestBadEndpointOfFour(t *testing.T) {
	const callers, seconds = 32, 4
	for name, c := range map[string]struct {
		bad     fake
		goal    float64 // part of three good endpoints' rate: 32 callers, 20 ms
		maxHits int
	}{
		"dead":    {broken, 0.95, 10},
		"hanging": {hang, 0.80, 20},
		"slow":    {after(200 * time.Millisecond), 0.90, 1 << 30},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hits atomic.Int64
				counted := fake(func(ctx context.Context, call *chatCall) outcome.Outcome { hits.Add(1); return c.bad(ctx, call) })
				fast := after(20 * time.Millisecond)
				d := simulate(t, false, Endpoint{Timeout: 2 * time.Second}, counted, fast, fast, fast)
				defer d.Close()
				ok, lost := load(t.Context(), d, callers, seconds*time.Second)
				ideal := float64(callers*seconds) / 0.02
				t.Logf("%d answers of %.0f, %d hits on the bad one", total(ok), ideal, hits.Load())
				if float64(total(ok)) < c.goal*ideal || lost > 0 || int(hits.Load()) > c.maxHits {
					t.Errorf("%d answers of %.0f, %d lost, %d hits on the bad one", total(ok), ideal, lost, hits.Load())
				}
			})
		})
	}
}

func TestRateLimitsAloneNeverFailACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		d := simulate(t, false, Endpoint{}, func(context.Context, *chatCall) outcome.Outcome {
			if time.Since(began) < 10*time.Minute {
				return outcome.Outcome{Kind: outcome.Limited, Message: "HTTP 429"}
			}
			return good("ok")
		})
		defer d.Close()
		if _, err := d.Chat(t.Context(), question(1)); err != nil || time.Since(began) > 11*time.Minute {
			t.Errorf("error %v after %v", err, time.Since(began))
		}
	})
}

// A call fails when every endpoint has failed it, within 30 s of the first
// failure; one that comes while all are down waits for a probe.
func TestFailureHasItsTime(t *testing.T) {
	for name, backends := range map[string][]fake{
		"all broken":            {broken, broken},
		"one broken, one hangs": {broken, hang},
		"all hang":              {hang, hang},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := simulate(t, false, Endpoint{Timeout: 20 * time.Second}, backends...)
				defer d.Close()
				for round := range 3 {
					began := time.Now()
					_, err := d.Chat(t.Context(), question(round))
					var none *NoEndpointError
					if took := time.Since(began); !errors.As(err, &none) || len(none.Endpoints) != 2 || took > 50*time.Second {
						t.Errorf("round %d: error %v after %v", round, err, took)
					}
				}
			})
		})
	}
}

func TestShortOutageIsWaitedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		d := simulate(t, false, Endpoint{}, func(ctx context.Context, c *chatCall) outcome.Outcome {
			if time.Since(began) < 3*time.Second {
				return broken(ctx, c)
			}
			return good("ok")
		})
		defer d.Close()
		ok, lost := 0, 0
		var group sync.WaitGroup
		var mu sync.Mutex
		for i := range 50 {
			group.Go(func() {
				_, err := d.Chat(t.Context(), question(i))
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					ok++
				} else {
					lost++
				}
			})
		}
		group.Wait()
		if ok != 50 {
			t.Errorf("%d of 50 calls lost in an outage of 3 s", lost)
		}
	})
}

func TestClassesAndJobsShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var order []string
		d := simulate(t, false, Endpoint{MaxInFlight: 1}, func(ctx context.Context, c *chatCall) outcome.Outcome {
			mu.Lock()
			order = append(order, c.req.Job)
			mu.Unlock()
			return after(time.Second)(ctx, c)
		})
		defer d.Close()
		var group sync.WaitGroup
		send := func(job string, p Priority, n int) {
			for i := range n {
				group.Go(func() {
					req := question(len(job)*1000 + i)
					req.Messages[0].Content += job
					req.Job, req.Priority = job, p
					if _, err := d.Chat(t.Context(), req); err != nil {
						t.Error(err)
					}
				})
			}
			synctest.Wait()
		}
		send("first", Batch, 1) // takes the only place
		send("compile", Batch, 40)
		send("evaluate", Batch, 5)
		send("host", Interactive, 40)
		group.Wait()
		position := func(job string, n int) int {
			for i, j := range order {
				if j == job {
					if n--; n == 0 {
						return i
					}
				}
			}
			return -1
		}
		if at := position("host", 16); at > 20 {
			t.Errorf("the host's 16th call was only number %d: %v", at, order)
		}
		if at := position("compile", 2); at < 0 || at > 45 {
			t.Errorf("the lower class starves: %v", order)
		}
		if at, end := position("evaluate", 5), position("compile", 7); at > end {
			t.Errorf("the small job waits for the large one: %v", order)
		}
	})
}

func TestWaitersLeaveWithTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := simulate(t, false, Endpoint{MaxInFlight: 1}, after(time.Hour))
		defer d.Close()
		var group sync.WaitGroup
		for i := range 50 {
			group.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i+1)*time.Second)
				defer cancel()
				began := time.Now()
				_, err := d.Chat(ctx, question(i))
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Duration(i+1)*time.Second {
					t.Errorf("call %d: %v after %v", i, err, time.Since(began))
				}
			})
		}
		group.Wait()
		synctest.Wait()
		if s := d.Status()[0]; s.InFlight != 0 || s.Queued != 0 {
			t.Errorf("status %+v", s)
		}
	})
}

func TestCloseLetsEverybodyGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := simulate(t, false, Endpoint{MaxInFlight: 2}, after(time.Hour))
		var group sync.WaitGroup
		for i := range 10 {
			group.Go(func() {
				if _, err := d.Chat(t.Context(), question(i)); !errors.Is(err, schedule.ErrClosed) {
					t.Errorf("error %v", err)
				}
			})
		}
		synctest.Wait()
		d.Close()
		group.Wait()
		if _, err := d.Chat(t.Context(), question(99)); !errors.Is(err, schedule.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	})
}

func TestHedgeBeatsAStraggler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		straggler := fake(func(ctx context.Context, c *chatCall) outcome.Outcome {
			if n.Add(1) > 60 {
				return after(time.Minute)(ctx, c)
			}
			return after(100*time.Millisecond)(ctx, c)
		})
		d := simulate(t, true, Endpoint{}, straggler, after(100*time.Millisecond))
		defer d.Close()
		for i := range 120 {
			d.Chat(t.Context(), question(i))
		}
		ctx, account := WithAccount(t.Context(), Budget{})
		for i := range 4 {
			began := time.Now()
			reply, err := d.Chat(ctx, question(1000+i))
			if err != nil || reply.Endpoint != "b" || time.Since(began) > time.Second {
				t.Errorf("reply %+v, error %v after %v", reply, err, time.Since(began))
			}
		}
		synctest.Wait()
		if u := account.Usage(); u.Calls < 5 || u.Calls > 8 {
			t.Errorf("usage %+v: losers count as calls", u)
		}
	})
}

// A key that was refused is left alone for ten minutes, then one call tries it.
func TestARefusedKeyIsTriedAgainByOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		paid := false
		var hits int
		d := simulate(t, false, Endpoint{}, func(ctx context.Context, c *chatCall) outcome.Outcome {
			if hits++; !paid {
				return outcome.Outcome{Kind: outcome.Denied, Message: "HTTP 429 insufficient_quota"}
			}
			return good("ok")
		}, after(20*time.Millisecond))
		defer d.Close()
		for _, c := range []struct {
			pass  time.Duration
			paid  bool
			hits  int
			state string
		}{{0, false, 1, "dead"}, {9 * time.Minute, true, 1, "dead"}, {time.Minute, false, 2, "dead"}, {10 * time.Minute, true, 40, "ready"}} {
			time.Sleep(c.pass)
			paid = c.paid
			for i := range 100 {
				if _, err := d.Chat(t.Context(), question(int(d.calls.Load())+i*1000)); err != nil {
					t.Fatal(err)
				}
			}
			if got := d.Status()[0].State; got != c.state || hits < c.hits || c.hits < 10 && hits != c.hits {
				t.Errorf("after %v: %s, %d hits; want %s, %d", c.pass, got, hits, c.state, c.hits)
			}
		}
	})
}

func TestTheQueueSaysWhatWaitsAndWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		closed := func(context.Context, *chatCall) outcome.Outcome {
			return outcome.Outcome{Kind: outcome.Limited, Message: "HTTP 429", Hints: limits.Hints{RetryAfter: 40 * time.Second}}
		}
		const at = "http://127.0.0.1:1"
		d := simulateAll(t, Config{Endpoints: []Endpoint{{Name: "a", BaseURL: at, MaxInFlight: 1}, {Name: "b", BaseURL: at, MaxInFlight: 1},
			{Name: "c", BaseURL: at, APIKeyEnv: "A_KEY_THAT_IS_NOT_SET"}}}, closed, after(time.Hour))
		defer d.Close()
		if q := d.Queue(); len(q) != 0 {
			t.Errorf("nothing waits, and yet %+v", q)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var group sync.WaitGroup
		send := func(job string, p Priority, n int) {
			for range n {
				group.Go(func() {
					req := question(int(d.calls.Load()))
					req.Job, req.Priority = job, p
					d.Chat(ctx, req)
				})
				synctest.Wait()
			}
		}
		send("compile-1", Batch, 5) // the first is refused at a and goes to b
		time.Sleep(10 * time.Second)
		send("generate-2", Interactive, 2)
		want := []Waiting{
			{Job: "generate-2", Priority: "interactive", Calls: 2, OldestS: 0, Why: "a: asked to wait 30.0 s more; b: 1 calls in flight, no place free; c: dead"},
			{Job: "compile-1", Priority: "batch", Calls: 4, OldestS: 10, Why: "a: asked to wait 30.0 s more; b: 1 calls in flight, no place free; c: dead"},
		}
		if diff := cmp.Diff(want, d.Queue()); diff != "" {
			t.Error(diff)
		}
		cancel()
		group.Wait()
	})
}

// A more urgent caller who joins a call that waits moves it to the front.
func TestWhoJoinsHurries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		d := simulate(t, false, Endpoint{MaxInFlight: 1}, func(ctx context.Context, c *chatCall) outcome.Outcome {
			order = append(order, c.req.Messages[0].Content)
			return after(time.Second)(ctx, c)
		})
		defer d.Close()
		var group sync.WaitGroup
		send := func(i int, p Priority) {
			req := question(i)
			req.Priority = p
			group.Go(func() { d.Chat(t.Context(), req) })
			synctest.Wait()
		}
		for i := range 4 {
			send(i, Batch)
		}
		send(3, Interactive)
		group.Wait()
		if fmt.Sprint(order) != "[question 0 question 3 question 1 question 2]" {
			t.Errorf("%v", order)
		}
	})
}

// Of a job's waiting calls the one it wants first is served first, however late
// it came, and so is one that such a call joins.
func TestAJobsOrderHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var served []string
		d := simulate(t, false, Endpoint{MaxInFlight: 1}, func(ctx context.Context, c *chatCall) outcome.Outcome {
			served = append(served, c.req.Messages[0].Content)
			return after(time.Second)(ctx, c)
		})
		defer d.Close()
		var group sync.WaitGroup
		send := func(i, order int) {
			group.Go(func() { d.Chat(WithOrder(t.Context(), order), question(i)) })
			synctest.Wait()
		}
		for i, order := range []int{0, 5, 7, 5, -2, 9} {
			send(i, order)
		}
		send(2, -1)
		group.Wait()
		if fmt.Sprint(served) != "[question 0 question 4 question 2 question 1 question 3 question 5]" {
			t.Errorf("%v", served)
		}
	})
}

// The first of equal callers leaves; the others get the answer it waited for,
// or, if that takes longer than it stays, one of their own.
func TestWhoLeavesTakesNothingAway(t *testing.T) {
	for name, c := range map[string]struct {
		latency time.Duration
		sent    int64
	}{"soon": {500 * time.Millisecond, 1}, "late": {10 * time.Second, 2}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var sent atomic.Int64
				d := simulate(t, false, Endpoint{}, func(ctx context.Context, call *chatCall) outcome.Outcome {
					sent.Add(1)
					return after(c.latency)(ctx, call)
				})
				defer d.Close()
				first, leave := context.WithCancel(t.Context())
				var group sync.WaitGroup
				group.Go(func() {
					began := time.Now()
					_, err := d.Chat(first, question(1))
					if took := time.Since(began); !errors.Is(err, context.Canceled) || took > 2*time.Second {
						t.Errorf("the first caller: %v after %v", err, took)
					}
				})
				synctest.Wait()
				for range 3 {
					group.Go(func() {
						if reply, err := d.Chat(t.Context(), question(1)); err != nil || reply.Text != "ok" {
							t.Errorf("reply %+v, error %v", reply, err)
						}
					})
				}
				synctest.Wait()
				leave()
				group.Wait()
				if sent.Load() != c.sent {
					t.Errorf("%d calls sent, want %d", sent.Load(), c.sent)
				}
			})
		})
	}
}

// Ten thousand callers who come and go at random, over endpoints that do
// everything wrong at random: at the end no place is taken, nobody waits, no
// budget is set aside and no limit is overdrawn.
func TestTenThousandCallersLeaveNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := func(seed int) fake {
			var mu sync.Mutex
			random := rand.New(rand.NewPCG(uint64(seed), 7))
			return func(ctx context.Context, c *chatCall) outcome.Outcome {
				mu.Lock()
				n, took := random.IntN(20), time.Duration(random.IntN(200))*time.Millisecond
				mu.Unlock()
				switch n {
				case 0:
					return outcome.Outcome{Kind: outcome.Limited, Hints: limits.Hints{RetryAfter: took}}
				case 1:
					return broken(ctx, c)
				case 2:
					return hang(ctx, c)
				case 3:
					return outcome.Outcome{Kind: outcome.Unusable, Message: "the reply was empty", Sent: true}
				}
				return after(took)(ctx, c)
			}
		}
		d := simulate(t, true, Endpoint{TPM: 1e6, Timeout: 2 * time.Second}, at(1), at(2), at(3), at(4))
		defer d.Close()
		random := rand.New(rand.NewPCG(3, 7))
		ctx, account := WithAccount(t.Context(), Budget{MaxCalls: 1e6, MaxTokens: 1e9})
		var group sync.WaitGroup
		var answered, left atomic.Int64
		for i := range 10_000 {
			patience := time.Duration(random.IntN(60_000)) * time.Millisecond
			group.Go(func() {
				ctx, cancel := context.WithTimeout(ctx, patience)
				defer cancel()
				req := question(i / 2)
				req.Priority, req.Job = Priority(i%3), fmt.Sprint(i%7)
				if _, err := d.Chat(ctx, req); err == nil {
					answered.Add(1)
				} else {
					left.Add(1)
				}
			})
		}
		group.Wait()
		time.Sleep(time.Minute) // losers of hedges end, and what is owed is paid
		synctest.Wait()
		for _, s := range d.Status() {
			if s.InFlight != 0 || s.Queued != 0 {
				t.Errorf("calls are left: %+v", s)
			}
		}
		if account.pending != (cost{}) {
			t.Errorf("set aside: %+v", account.pending)
		}
		if held := d.scheduler.Held(); held != (schedule.Held{}) || len(d.chats.all) != 0 {
			t.Errorf("held: %+v, %d shared", held, len(d.chats.all))
		}
		if answered.Load() < 1000 || left.Load() < 100 {
			t.Errorf("%d answered, %d left: the test tests nothing", answered.Load(), left.Load())
		}
	})
}

// A rival is a call of the budget too.
func TestHedgesKeepToTheBudget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var slow atomic.Bool
		backend := fake(func(ctx context.Context, c *chatCall) outcome.Outcome {
			if slow.Load() && c.id != "" {
				return after(10*time.Second)(ctx, c)
			}
			return after(100*time.Millisecond)(ctx, c)
		})
		d := simulate(t, true, Endpoint{}, backend, backend)
		defer d.Close()
		for i := range 60 {
			d.Chat(t.Context(), question(i))
		}
		slow.Store(true)
		ctx, account := WithAccount(t.Context(), Budget{MaxCalls: 1})
		if _, err := d.Chat(ctx, question(1000)); err != nil || account.Usage().Calls != 1 {
			t.Errorf("error %v, usage %+v of one call", err, account.Usage())
		}
	})
}
