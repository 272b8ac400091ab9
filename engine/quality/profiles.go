package quality

import "strings"

// profile is what tells a language: its most frequent words and the question
// words, and letters that few languages have.
type profile struct{ language, words, letters string }

var profiles = []profile{
	{"en", `the of and to in is are was were be been that this it for with as on by from at or not have has had what which who whom whose
		how why when where does do did can could should would will may might if my your their there than then these those an i you we they
		about into after before while during between must many much any some per need get i'm without when's also`, ""},
	{"de", `der die das und ist sind war waren ein eine einen einem einer eines nicht mit auf für von dem den des zu im am zum zur wie was
		wer wo wann warum welche welcher welches welchen welchem wird werden wurde wurden kann können muss müssen soll darf ich du er sie wir
		ihr mein meine mich sich bei nach aus auch als oder wenn man hat haben über unter vor durch gibt es dass noch nur um ohne bis`, "ßäöü"},
	{"fr", `le la les des du de un une et est sont était dans pour par sur avec que qui quoi quel quelle quels quelles comment pourquoi quand
		où ce cette ces il elle ils elles nous vous je tu ne pas plus au aux en se son sa ses leur leurs être avoir peut faut doit fait si
		mais ou donc après avant sans entre c d l qu n s j est-ce mon ma mes`, "çéèêàùûîôœ"},
	{"es", `el la los las de del un una unos y es son era fue en para por con que qué cuál cuáles quién cómo cuándo dónde cuánto cuánta
		cuántos por qué se su sus lo al no más pero como está están hay ser tiene tienen puede debe si mi mis yo me te nos entre sin sobre
		desde hasta cuando este esta estos estas qué`, "ñáíóúé"},
	{"it", `il lo la i gli le di del della dei delle un uno una e è sono era in nel nella per con che chi cosa quale quali come quando dove
		perché quanto quanti si su sul da dal dalla al alla ai non più ma o se ha hanno può deve questo questa questi mio mia mi ci anche
		tra fra prima dopo senza essere viene vengono`, "èàòùì"},
	{"pt", `o a os as de do da dos das um uma e é são foi em no na nos nas para por com que qual quais quem como quando onde quanto quantos
		porque se seu sua seus ao à não mais mas ou está estão há ser ter tem têm pode deve meu minha eu você entre sem sobre após até
		pelo pela este esta isso`, "ãõçêáéíóú"},
	{"nl", `de het een en is zijn was waren in op van voor met dat die wat wie hoe waarom wanneer waar welke welk wordt worden kan kunnen
		moet moeten ik je u we ze hij mijn niet te aan bij om als of ook er naar uit over door tot geen dan na heeft hebben deze dit`, ""},
	{"sv", `och att det som en ett är var i på för med av den de till inte har hur vad vem vilken vilka vilket varför när om kan ska måste
		jag du vi man från eller vid blir finns så efter mellan utan min mitt sig under över`, "åäö"},
	{"da", `og at det som en et er var i på for med af den de til ikke har hvordan hvad hvem hvilken hvilke hvorfor hvornår om kan skal må
		jeg du vi man fra eller ved bliver findes så efter mellem uden min mit sig under over blev`, "åøæ"},
	{"pl", `i w na z do się jest są nie że to jak jaki jaka jakie co kto gdzie kiedy dlaczego czy o od po za przez dla ze oraz lub ale
		może można był była były będzie ma mają tego tym przy ile który która które ich jego przed`, "łąęśćżźńó"},
	{"tr", `ve bir bu için ile ne nasıl neden niçin hangi kim nerede zaman mi mı mu mü da de olan olarak en çok daha gibi var yok değil
		ben sen o biz kadar sonra önce her nedir kaç ise veya göre`, "ğışçöü"},
	{"cs", `a v na je jsou se že to jak jaký jaká jaké co kdo kde kdy proč z do s o pro od po za při nebo ale byl byla být má může který
		která které jeho jejich před kolik tak už`, "ěščřžýůáíé"},
	{"ro", `și în de la cu pe un o este sunt care ce cine cum când unde pentru din nu mai se sau dar dacă a al ale fi are au poate trebuie
		cât către prin după fără sunt`, "ășțâî"},
	{"fi", `ja on ei että se mitä mikä kuka miten miksi milloin missä kuinka voi ovat oli tai kun jos mutta myös kuin niin sen joka jotka
		minun ne hän ole pitää mihin`, "äö"},
	{"ru", `и в на не что как кто где когда почему какой какая какие какое это он она они мы я с к по за из от для или у о бы был была было
		были если но же чем при до со его её их может нужно можно есть сколько между после`, "ыэёъ"},
	{"uk", `і в на не що як хто де коли чому який яка які яке це він вона вони ми я з до по за із від для або у про був була було були
		якщо але при його її їх може треба можна є скільки між після та й`, "іїєґ"},
	{"bg", `и в на не че как кой къде кога защо какъв каква какви какво това той тя те ние аз с към по за от до или у са е ще се да при
		ако но му им може трябва има колко между след`, "ъ"},
}

// frequent and telling name, for a word or letter, the languages that have it.
var (
	frequent     = map[string][]string{}
	telling      = map[rune][]string{}
	profileOrder []string
)

func init() {
	for _, p := range profiles {
		profileOrder = append(profileOrder, p.language)
		seen := map[string]bool{}
		for _, w := range strings.Fields(p.words) {
			if !seen[w] {
				seen[w] = true
				frequent[w] = append(frequent[w], p.language)
			}
		}
		for _, r := range p.letters {
			telling[r] = append(telling[r], p.language)
		}
	}
}
