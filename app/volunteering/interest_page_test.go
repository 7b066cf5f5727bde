package volunteering_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tributary/domain/volunteer"
)

const interestPath = "/volunteer/riverbend/interest"

func TestStrangersOfferHelpOnThePage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.visit()
	v.get("/volunteer/riverbend").says("No shift to sign up for right now", "Tell us how you would like to help")
	w.shift(w.opportunity(func(d *volunteer.Details) { d.Skills = []string{"driving"} }), "2026-11-28T09:00", 2)
	v.get("/volunteer/riverbend?place=Nowhere").says("No shift fits these filters", "Offer your help")
	finder := v.get("/volunteer/riverbend")
	finder.says("Nothing fits?", "Tell us how you would like to help")
	require.Contains(t, finder.html, `href="`+interestPath+`"`)

	form := v.get(interestPath)
	form.private()
	form.says("Offer your help", "First name", "Last name", "E-mail address", "Phone (optional)", "How would you like to help? (optional)", "What can you do?", "driving", "When do you usually have time?")

	fields := []string{
		"first_name", `<b>Grace</b>`, "last_name", `"Hopper"`, "email", "Grace@Example.org", "message", "<script>alert(1)</script>\nHello", "skill", "driving", "other_skills", "Welding, ",
		"interests", "trees", "free_1_0", "1",
	}
	sent := v.submit(interestPath, interestPath, fields...)
	require.Equal(t, http.StatusOK, sent.status)
	sent.private()
	sent.says("Check your mail", "Grace@Example.org", "The link works until Monday 23 November at 10:00 EST.")
	mail := w.lastMail("Grace@Example.org")
	for _, typed := range []string{"Grace<", "Hopper", "alert", "&lt;b"} {
		require.NotContains(t, mail.Subject+mail.Text+mail.HTML, typed, "nobody puts words into our mails to other people")
	}
	link := v.link("Grace@Example.org", interestPath+"/")
	for range 2 { // looking changes nothing
		look := v.get(link)
		look.private()
		look.says("One more press, <b>Grace</b>", "Riverbend Trust reads your offer once you press the button.", "Yes, send my offer")
		require.NotContains(t, look.html, "<b>Grace")
	}
	require.Zero(t, w.count("select count(*) from people"))

	done := v.submit(link, link)
	require.Equal(t, http.StatusOK, done.status)
	done.private()
	done.says("Thank you, <b>Grace</b>", "Riverbend Trust has your offer of help.", "What happens next", "Open My shifts", "signed in on this device")
	require.NotContains(t, done.html, "<b>Grace")
	v.get(link).says("You have confirmed already", "Show what happens next")
	v.submit(link, link).says("Thank you, <b>Grace</b>")
	require.Equal(t, 1, w.count("select count(*) from offers_of_help"))
	line := w.helpOffers(w.owner, "")[0]
	require.Equal(t, "<script>alert(1)</script>\nHello", line.Message)
	require.Equal(t, volunteer.Words{"driving", "welding"}, line.Skills)
	require.Equal(t, volunteer.AvailableOn(time.Monday, volunteer.Morning), line.Availability)
	require.Equal(t, http.StatusOK, v.get("/my/riverbend/shifts").status, "the link let the browser in")

	mine := v.get(interestPath)
	mine.saysNot("E-mail address", "First name")
	again := v.submit(interestPath, interestPath, "message", "And I can cook.")
	again.says("Thank you", "What happens next")
	require.Equal(t, 2, w.count("select count(*) from offers_of_help where status = 'open'"))

	spent := v.get(interestPath + "/nonsense")
	require.Equal(t, http.StatusNotFound, spent.status)
	spent.says("This link does not work any more", "Offer your help")
}

func TestTheAnswerTellsNobodyWhetherAnAddressIsKnown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.person("Ada", "Lovelace", "ada@example.org")
	v := w.visit()
	fields := []string{"first_name", "Eve", "last_name", "E", "message", "Hello"}
	known := v.submit(interestPath, interestPath, append(fields, "email", "ada@example.org")...)
	unknown := v.submit(interestPath, interestPath, append(fields, "email", "bob@example.org")...)
	require.Equal(t, known.status, unknown.status)
	require.Equal(t, strings.ReplaceAll(known.text, "ada@", "bob@"), unknown.text)
	require.Equal(t, w.lastMail("ada@example.org").Subject, w.lastMail("bob@example.org").Subject)
}

func TestTheFormOfHelpSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := w.visit()
	long := strings.Repeat("é", 2001)
	wrong := v.submit(interestPath, interestPath, "first_name", "", "last_name", `O"Neil`, "email", "nonsense", "message", long, "other_skills", strings.Repeat("x", 61), "free_0_3", "1")
	require.Equal(t, http.StatusUnprocessableEntity, wrong.status)
	wrong.says("Please check 4 fields")
	for _, field := range []string{"first_name", "email", "message", "skills"} {
		require.Contains(t, wrong.html, `href="#`+field+`"`)
		require.Contains(t, wrong.html, `id="`+field+`"`)
		require.Contains(t, wrong.html, `id="error-`+field+`"`)
	}
	require.Contains(t, wrong.html, `value="nonsense"`)
	require.Contains(t, wrong.html, `O&#34;Neil`)
	require.Contains(t, wrong.html, long, "nothing typed is lost")
	require.Contains(t, wrong.html, `name="free_0_3" value="1" checked`)

	trap := v.submit(interestPath, interestPath, "first_name", "Bot", "email", "bot@example.org", "website", "https://spam.example")
	require.Equal(t, http.StatusUnprocessableEntity, trap.status)
	trap.says("filled in by a program")
	require.Zero(t, w.count("select count(*) from offers_of_help"))
	forged := v.send(http.MethodPost, interestPath, url.Values{"first_name": {"Eve"}, "email": {"eve@example.org"}})
	require.Equal(t, http.StatusForbidden, forged.status)
}
