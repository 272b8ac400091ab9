package dispatcher

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"qgen-sidecar/dispatcher/limits"
	"qgen-sidecar/dispatcher/outcome"
)

// limitedServer is one that allows rate requests a second: a bucket of burst
// requests, or a window of a minute that opens anew. It takes a millisecond to
// refuse and 20 to answer, and its replies tell of the limit in one way.
type limitedServer struct {
	limit
	mu      sync.Mutex
	tokens  float64
	at      time.Time
	refused atomic.Int64
}

type limit struct {
	rate, burst float64
	window      bool
	tells       string // "headers", "ms", "s" or ""
}

func newLimitedServer(l limit) *limitedServer {
	return &limitedServer{limit: l, tokens: l.burst, at: time.Now()}
}

// take spends one request, or says how long there is none.
func (s *limitedServer) take() (wait time.Duration, ok bool, h limits.Hints) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	switch passed := now.Sub(s.at); {
	case !s.window:
		s.tokens, s.at = min(s.burst, s.tokens+passed.Seconds()*s.rate), now
		wait = time.Duration((1 - s.tokens) / s.rate * float64(time.Second))
	case passed >= time.Minute:
		s.tokens, s.at = s.burst, now
	default:
		wait = time.Minute - passed
	}
	if ok = s.tokens >= 1-1e-9; ok {
		s.tokens--
	}
	if s.tells == "headers" {
		h.Requests = limits.Rate{Limit: int(s.rate * 60), Remaining: int(s.tokens), Reset: time.Duration((s.burst - s.tokens) / s.rate * float64(time.Second))}
	}
	return wait, ok, h
}

func (s *limitedServer) backend(ctx context.Context, c *chatCall) outcome.Outcome {
	time.Sleep(time.Millisecond)
	wait, ok, h := s.take()
	if ok {
		o := after(20*time.Millisecond)(ctx, c)
		o.Hints = h
		return o
	}
	s.refused.Add(1)
	switch s.tells {
	case "ms", "headers":
		h.RetryAfter = time.Duration(math.Ceil(wait.Seconds()*1000)) * time.Millisecond
	case "s":
		h.RetryAfter = time.Duration(math.Ceil(wait.Seconds())) * time.Second
	}
	return outcome.Outcome{Kind: outcome.Limited, Message: "HTTP 429", Hints: h}
}

// Four keys of one kind, 64 callers: what part of the allowance was used (what
// the bucket held at first included), how many were refused for each answer, and
// that nobody lost a call.
func TestLimitsAreUsedUpAndHardlyCrossed(t *testing.T) {
	for name, c := range map[string]struct {
		server  limit
		rpm     int
		seconds int
		used    float64 // at least
		refused float64 // at most, for each answer
	}{
		"known":                          {limit{rate: 30, burst: 30}, 1800, 15, 0.99, 0.001},
		"known, and strict":              {limit{rate: 30, burst: 5, tells: "ms"}, 1800, 60, 0.99, 0.02},
		"known, and as strict as can be": {limit{rate: 30, burst: 1, tells: "ms"}, 1800, 300, 0.75, 0.01},
		"twice as much as there is":      {limit{rate: 15, burst: 15, tells: "ms"}, 1800, 60, 0.96, 0.03},
		"told by headers":                {limit{rate: 30, burst: 30, tells: "headers"}, 0, 15, 0.96, 0.02},
		"Retry-After in ms":              {limit{rate: 30, burst: 30, tells: "ms"}, 0, 15, 0.95, 0.04},
		"Retry-After in s":               {limit{rate: 30, burst: 30, tells: "s"}, 0, 15, 0.85, 0.04},
		"told nothing":                   {limit{rate: 30, burst: 30}, 0, 15, 0.85, 0.04},
		"a small burst":                  {limit{rate: 30, burst: 5, tells: "ms"}, 0, 60, 0.90, 0.04},
		"a minute's burst":               {limit{rate: 500. / 60, burst: 500, tells: "s"}, 0, 60, 0.95, 0.05},
		"one a second":                   {limit{rate: 1, burst: 1, tells: "headers"}, 0, 60, 0.90, 0.10},
		"calendar minutes":               {limit{rate: 500. / 60, burst: 500, window: true, tells: "s"}, 0, 180, 0.95, 0.02},
		"calendar minutes, untold":       {limit{rate: 500. / 60, burst: 500, window: true}, 0, 300, 0.75, 0.05},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var servers []*limitedServer
				var backends []fake
				for range 4 {
					s := newLimitedServer(c.server)
					servers, backends = append(servers, s), append(backends, s.backend)
				}
				d := simulate(t, false, Endpoint{RPM: c.rpm}, backends...)
				defer d.Close()
				ok, lost := load(t.Context(), d, 64, time.Duration(c.seconds)*time.Second)
				refused := int64(0)
				for _, s := range servers {
					refused += s.refused.Load()
				}
				allowed := 4 * (c.server.burst + c.server.rate*float64(c.seconds))
				if c.server.window {
					allowed = 4 * c.server.burst * math.Ceil(float64(c.seconds)/60)
				}
				used, each := float64(total(ok))/allowed, float64(refused)/float64(total(ok))
				t.Logf("used %.1f %%, %.4f refused for each answer", 100*used, each)
				if lost > 0 || used < c.used || each > c.refused {
					t.Errorf("used %.1f %% of at least %g, %.4f refused of at most %g, %d lost", 100*used, 100*c.used, each, c.refused, lost)
				}
			})
		})
	}
}

// A job that is larger than the limits allow at once takes its time and loses
// nothing, whatever it is told.
func TestAJobUnderLimitsLosesNothing(t *testing.T) {
	for _, rpm := range []int{1800, 0} {
		synctest.Test(t, func(t *testing.T) {
			var backends []fake
			for range 4 {
				backends = append(backends, newLimitedServer(limit{rate: 30, burst: 30, tells: "s"}).backend)
			}
			d := simulate(t, false, Endpoint{RPM: rpm}, backends...)
			defer d.Close()
			began := time.Now()
			var lost atomic.Int64
			var group sync.WaitGroup
			for i := range 1200 {
				group.Go(func() {
					if _, err := d.Chat(t.Context(), question(i)); err != nil {
						lost.Add(1)
					}
				})
			}
			group.Wait()
			if took := time.Since(began); lost.Load() > 0 || took > 14*time.Second {
				t.Errorf("%d of 1200 calls lost, after %v of about 9 s", lost.Load(), took)
			}
		})
	}
}

// refusedIn is how often the endpoint refused while calls were made for a while.
func refusedIn(t *testing.T, cache string, s *limitedServer, rpm int, for_ time.Duration, end func(d *Dispatcher, cache string)) int64 {
	d, err := New(Config{CachePath: cache, Endpoints: []Endpoint{{Name: "a", BaseURL: "http://user:some-password@127.0.0.1:1", APIKey: "sk-some-key-0123456789", RPM: rpm}}})
	if err != nil {
		t.Fatal(err)
	}
	if limit := d.Status()[0].RPMLimit; s.refused.Load() > 0 && rpm == 0 && (limit < 1000 || limit > 1300) {
		t.Errorf("%d requests a minute known at the start of 1200", limit)
	}
	d.scheduler.Endpoints()[0].Value.(*endpoint).backend = fake(s.backend)
	before := s.refused.Load()
	if _, lost := load(t.Context(), d, 16, for_); lost > 0 {
		t.Errorf("%d calls lost", lost)
	}
	end(d, cache)
	return s.refused.Load() - before
}

func TestFoundLimitsOutliveTheProcess(t *testing.T) {
	closed := func(d *Dispatcher, _ string) { d.Close() }
	killed := func(d *Dispatcher, cache string) {
		time.Sleep(rememberEvery + time.Second)
		synctest.Wait()
		name := filepath.Join(cache, "limits.json")
		raw, _ := os.ReadFile(name)
		d.Close()
		os.WriteFile(name, raw, 0o600)
	}
	for name, c := range map[string]struct {
		tells string
		rpm   int
		end   func(*Dispatcher, string)
		most  int64 // refusals in the second run's first two seconds
	}{
		"refusals":          {"s", 0, closed, 1},
		"refusals, killed":  {"s", 0, killed, 1},
		"headers":           {"headers", 0, closed, 16}, // a burst as at first, half as large
		"less than is said": {"s", 3600, closed, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cache := t.TempDir()
				s := newLimitedServer(limit{rate: 20, burst: 5, tells: c.tells})
				first := refusedIn(t, cache, s, c.rpm, 30*time.Second, c.end)
				time.Sleep(time.Minute)
				if again := refusedIn(t, cache, s, c.rpm, 2*time.Second, closed); first == 0 || again > c.most {
					t.Errorf("%d refusals in the first run, %d at the start of the second", first, again)
				}
				raw, err := os.ReadFile(filepath.Join(cache, "limits.json"))
				info, _ := os.Stat(filepath.Join(cache, "limits.json"))
				if err != nil || strings.Contains(string(raw), "some-") || info.Mode().Perm() != 0o600 {
					t.Errorf("mode %v, %s, error %v", info.Mode(), raw, err)
				}
			})
		})
	}
}

// The host's own function keeps to the limits that it is given, and costs what
// it is said to.
func TestTheHostsFunctionHasLimitsAndAPrice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		price := 1000.0
		d, err := New(Config{Host: Endpoint{RPM: 120, USDPerMTokIn: &price, USDPerMTokOut: &price}})
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		d.SetHost(func(ctx context.Context, req Request, id string) (HostReply, error) {
			time.Sleep(100 * time.Millisecond)
			return HostReply{Text: "ok", PromptTokens: 3, CompletionTokens: 2}, nil
		})
		ctx, account := WithAccount(t.Context(), Budget{})
		ok, lost := load(ctx, d, 20, 30*time.Second) // 60, and the 20 that wait at the end
		u := account.Usage()
		if n := ok[HostName]; n < 78 || n > 82 || lost > 0 || u.USD == nil || math.Abs(*u.USD-0.005*float64(n)) > 1e-6 {
			t.Errorf("%d answers of about 80, %d lost, usage %+v", n, lost, u)
		}
	})
}

func TestDamagedFindingsAreLearnedAnew(t *testing.T) {
	cache := t.TempDir()
	os.WriteFile(filepath.Join(cache, "limits.json"), []byte("[{"), 0o600)
	d, err := New(Config{CachePath: cache, Endpoints: []Endpoint{{Name: "a", BaseURL: "http://127.0.0.1:1"}}})
	if err != nil {
		t.Fatal(err)
	}
	d.Close()
}

// Whose limit the headers tell of, the key's or each model's, shows in what
// remains: one limit is kept to by all models together, several are all used up.
func TestModelsShareALimitUntilItProvesTheirOwn(t *testing.T) {
	const rate, seconds = 30, 20
	for name, limits := range map[string]int{"one": 1, "one each": 3} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var servers []*limitedServer
				for range limits {
					servers = append(servers, newLimitedServer(limit{rate: rate, burst: rate, tells: "headers"}))
				}
				models := []string{"task", "teacher", "judge"}
				d := simulate(t, false, Endpoint{}, func(ctx context.Context, c *chatCall) outcome.Outcome {
					which := slices.Index(models, c.req.Model)
					o := servers[which%limits].backend(ctx, c)
					if h := &o.Hints.Requests; h.Limit > 0 { // as real ones count: of a minute's
						h.Remaining = h.Limit - rate + h.Remaining
					}
					return o
				})
				defer d.Close()
				ctx, cancel := context.WithTimeout(t.Context(), seconds*time.Second)
				defer cancel()
				var group sync.WaitGroup
				var n, ok atomic.Int64
				for i := range 16 {
					group.Go(func() {
						for ctx.Err() == nil {
							req := question(int(n.Add(1)))
							req.Model = models[int(n.Load()+int64(i))%len(models)]
							if _, err := d.Chat(ctx, req); err == nil {
								ok.Add(1)
							}
						}
					})
				}
				group.Wait()
				refused := int64(0)
				for _, s := range servers {
					refused += s.refused.Load()
				}
				used := float64(ok.Load()) / float64(limits*(rate+rate*seconds))
				each := float64(refused) / float64(ok.Load())
				t.Logf("used %.1f %%, %.4f refused for each answer", 100*used, each)
				if used < 0.95 || each > 0.01 {
					t.Errorf("expected 95 %% of the limit and 0.01 refused for each answer, found %.1f %% and %.4f", 100*used, each)
				}
			})
		})
	}
}

// A model that is limited, or slow, says nothing of another at the same key.
func TestModelsHaveLimitsAndSpeedsOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		big := newLimitedServer(limit{rate: 1, burst: 1, tells: "s"})
		backend := fake(func(ctx context.Context, c *chatCall) outcome.Outcome {
			if c.req.Model == "big" {
				time.Sleep(2 * time.Second)
				return big.backend(ctx, c)
			}
			return after(20*time.Millisecond)(ctx, c)
		})
		d := simulate(t, false, Endpoint{}, backend, after(30*time.Millisecond))
		defer d.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		var group sync.WaitGroup
		for i := range 30 {
			group.Go(func() {
				req := question(i)
				req.Model, req.Endpoints = "big", []string{"a"}
				d.Chat(ctx, req)
			})
		}
		ok, lost := load(t.Context(), d, 8, 20*time.Second)
		group.Wait()
		if big.refused.Load() == 0 || lost > 0 || ok["a"] < 2000 {
			t.Errorf("%v answers of the small model, %d lost, %d refusals of the big one", ok, lost, big.refused.Load())
		}
	})
}
