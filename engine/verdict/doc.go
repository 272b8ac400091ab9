// Package verdict says what may be concluded from scores, and asks the judge
// who gives them.
//
// Basics
//
//	Summarize(outcomes)        one program: success rate, Wilson interval, mean
//	Compare(baseline, new)     the paired comparison and the verdict in words
//	Judge.Score(…)             one score of 1–5 with its reason
//	Agree(person, judge)       how far the judge may be trusted
//
// What the numbers are
//
//	score, its ci95   percent of successes; Wilson's score interval
//	points, its ci95  difference of the success rates, paired; Tango's score
//	                  interval with the variance enlarged by n/(n-1), whose
//	                  coverage at n = 30 is 93.5 % or more everywhere
//	mean difference   Student's interval with two more pairs, see MeanInterval
//	kappa             quadratic weights; the jackknife on Fisher's z
//	p_value           McNemar's exact test, two-sided; it alone decides the verdict
//	p_mean            sign-flip permutation test of the mean score difference
//	verdict           better / worse at p_value < .05, else what difference this
//	                  many examples would have shown in 80 % of such sets
//
// Promises: everything but the judge is pure and deterministic (resampling is
// seeded). An example without a score on either side is counted as an error
// and leaves the comparison; it never becomes a zero. Where nothing can be
// told the fields are nil and the words say so.
//
// Caveats: examples count as independent. Several questions of one chunk are
// not, and make the intervals too narrow. p_mean is reported and decides
// nothing: two tests with a free choice between them would be wrong more than
// 5 % of the time.
package verdict
