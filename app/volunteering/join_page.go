package volunteering

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/volunteer"
)

// joinView is the form in which somebody says who they are, with the shifts they chose.
type joinView struct {
	Org         web.OrganizationView
	SignedIn    bool
	Cards       []shiftCard
	Gone        int // chosen shifts that do not exist or take nobody any more
	Form        joinForm
	AsksBirth   bool
	Age         int  // the highest age that a chosen shift asks for
	SomeFull    bool // of the chosen
	Together    int  // how many may come on one sign-up, the most of the chosen
	Apart       bool // some of the chosen take fewer
	Errors      map[string]string
	Summary     []mistake
	Problem     string
	Path, Back  string
	Most        int
	NothingLeft bool // nothing can be chosen any more
}

// joinForm is what was typed.
type joinForm struct {
	FirstName, LastName, Email, Phone, BirthDate string
	Party                                        string
	Waits                                        bool
}

// mistake is one line of a form's summary; Field is the id of the control that it leads to.
type mistake struct{ Field, Message string }

func (s *Service) joinPage(ctx context.Context, r web.Request) (web.View, error) {
	chosen, unknown := chosenIn(r.Queries("shift"))
	choice, err := s.Chosen(ctx, r.Param("org"), chosen)
	if err != nil {
		return web.View{}, err
	}
	choice.Gone += unknown
	v := s.joining(choice)
	v.Back = withQuery(volunteerPath(choice.Org), keptQuery(r))
	v.Form.Waits = v.SomeFull
	return s.joinWith(choice.Org, v), nil
}

// joining is the form for a choice, with nothing typed yet.
func (s *Service) joining(c Choice) joinView {
	v := joinView{
		Org: web.ViewOrganization(c.Org), SignedIn: c.SignedIn, Gone: c.Gone, Errors: map[string]string{}, Path: volunteerPath(c.Org) + "/join",
		Back: volunteerPath(c.Org), Most: volunteer.MostAtOnce,
	}
	now := s.now()
	for _, l := range c.Listings {
		card := cardOf(c.Org, l, now)
		card.Chosen = card.Choosable
		v.Cards = append(v.Cards, card)
		if card.Choosable {
			v.SomeFull = v.SomeFull || card.Opening == OpenToWait
			v.Age = max(v.Age, card.MinAge)
			v.Apart = v.Apart || v.Together != 0 && v.Together != card.Together
			v.Together = max(v.Together, card.Together)
		}
	}
	v.AsksBirth = v.Age > 0 && !c.BirthKnown
	v.NothingLeft = !anyChosen(v.Cards)
	return v
}

func anyChosen(cards []shiftCard) bool {
	for _, c := range cards {
		if c.Chosen {
			return true
		}
	}
	return false
}

func (s *Service) joinWith(org account.Organization, v joinView) web.View {
	page := s.finding(org, "volunteer_join", "Sign up", &v, v.Path)
	page.OG, page.Canonical = nil, ""
	return privately(page)
}

// postJoin signs a supporter up, or holds the places of anybody else until they confirm their mail.
func (s *Service) postJoin(ctx context.Context, r web.Request) (web.View, error) {
	if len(r.Values()["shift"]) == 0 {
		return s.nothingChosen(ctx, r)
	}
	chosen, unknown := chosenIn(r.Values()["shift"])
	choice, err := s.Chosen(ctx, r.Param("org"), chosen)
	if err != nil {
		return web.View{}, err
	}
	choice.Gone += unknown
	form := joinFormOf(r)
	var shifts []id.ID[volunteer.Shift] // those that still exist: what happened to the others is said
	for _, l := range choice.Listings {
		shifts = append(shifts, l.ID)
	}
	if choice.SignedIn {
		out, err := s.joinSelf(ctx, form, shifts)
		if err != nil {
			return s.rejoin(ctx, choice, form, err)
		}
		return s.outcomePage(choice.Org, out, choice.Gone), nil
	}
	asked, err := s.joinAsking(ctx, r, form, shifts)
	if err != nil {
		return s.rejoin(ctx, choice, form, err)
	}
	return s.sentPage(asked, form.Email, choice.Gone), nil
}

func (s *Service) nothingChosen(ctx context.Context, r web.Request) (web.View, error) {
	choice, err := s.Chosen(ctx, r.Param("org"), nil)
	if err != nil {
		return web.View{}, err
	}
	page := s.joinWith(choice.Org, s.joining(choice))
	page.Status = http.StatusUnprocessableEntity
	return page, nil
}

func joinFormOf(r web.Request) joinForm {
	typed := func(name string) string { return clip(strings.ToValidUTF8(r.Form(name), "")) }
	return joinForm{
		FirstName: typed("first_name"), LastName: typed("last_name"), Email: typed("email"), Phone: typed("phone"), BirthDate: typed("birth_date"), Party: typed("party"),
		Waits: r.Form("waits") != "",
	}
}

// joinSelf signs the supporter up who is signed in, with the date of birth they may have said only now.
func (s *Service) joinSelf(ctx context.Context, form joinForm, shifts []id.ID[volunteer.Shift]) (Outcome, error) {
	born, errBorn := birthDateIn(form.BirthDate)
	party, errParty := partyIn(form.Party)
	if err := fault.Join(errBorn, errParty); err != nil {
		return Outcome{}, err
	}
	if !born.IsZero() {
		me, err := s.SelfVolunteer(ctx)
		if err != nil {
			return Outcome{}, err
		}
		if _, err := s.PatchSelf(ctx, me.Profile.Version, volunteer.ProfilePatch{BirthDate: &born}); err != nil {
			return Outcome{}, err
		}
	}
	return s.SignUpSelf(ctx, shifts, Joining{party, form.Waits})
}

// joinAsking holds places for somebody who has not shown yet who they are.
func (s *Service) joinAsking(ctx context.Context, r web.Request, form joinForm, shifts []id.ID[volunteer.Shift]) (RequestOutcome, error) {
	if r.Form("website") != "" {
		return RequestOutcome{}, fault.Invalid("website", "sign_up.form_filled", "This form was filled in by a program. Leave the last, hidden field empty.")
	}
	born, errBorn := birthDateIn(form.BirthDate)
	party, errParty := partyIn(form.Party)
	in := RequestInput{
		OrgSlug: r.Param("org"), Shifts: shifts, FirstName: form.FirstName, LastName: form.LastName, Email: form.Email, Phone: form.Phone, BirthDate: born,
		Party: party, Waits: form.Waits, IP: web.CallerOf(ctx).IP,
	}
	if err := fault.Join(errBorn, errParty); err != nil { // say everything at once
		_, errWho := in.request(s.now())
		return RequestOutcome{}, fault.Join(errWho, err)
	}
	return s.RequestShifts(ctx, in)
}

var errBirthDate = fault.Invalid("birth_date", "volunteer.birth_date_unreadable", "Write the date as YYYY-MM-DD.")

// birthDateIn reads a typed date of birth; nothing typed is none.
func birthDateIn(typed string) (day.Day, error) {
	if typed == "" {
		return day.Day{}, nil
	}
	born, err := day.Parse(typed)
	if err != nil {
		return born, errBirthDate
	}
	return born, nil
}

// partyIn reads a typed number of people; nothing typed is one.
func partyIn(typed string) (int, error) {
	if typed == "" {
		return 1, nil
	}
	party, err := strconv.Atoi(strings.TrimSpace(typed))
	if err != nil {
		party = 0 // which is no size of a party either
	}
	return party, volunteer.CheckParty(party)
}

// rejoin shows the form again with everything typed, what is wrong, and the shifts as they are now. That a shift was taken off meanwhile is no
// reason to lose what was typed.
func (s *Service) rejoin(ctx context.Context, was Choice, form joinForm, cause error) (web.View, error) {
	status := http.StatusUnprocessableEntity
	switch fault.KindOf(cause) {
	case fault.KindInvalid:
	case fault.KindConflict, fault.KindNotFound:
		status = http.StatusConflict
	case fault.KindRateLimited:
		status = http.StatusTooManyRequests
	case fault.KindUnavailable:
		status = http.StatusServiceUnavailable
	case fault.KindUnauthenticated, fault.KindForbidden, fault.KindPrecondition, "":
		return web.View{}, cause
	}
	var shifts []id.ID[volunteer.Shift]
	for _, l := range was.Listings {
		shifts = append(shifts, l.ID)
	}
	choice, err := s.Chosen(ctx, was.Org.Slug, shifts)
	if err != nil {
		return web.View{}, err
	}
	choice.Gone += was.Gone
	v := s.joining(choice)
	v.Form = form
	if v.Errors = web.FieldErrors(cause); v.Errors == nil {
		v.Errors = map[string]string{}
		if !errors.Is(cause, volunteer.ErrShift) { // then the shifts say it
			v.Problem = fault.MessageOf(cause)
		}
	}
	for _, field := range []string{"shifts", "first_name", "last_name", "email", "phone", "birth_date", "party", "website"} {
		if message, wrong := v.Errors[field]; wrong {
			v.Summary = append(v.Summary, mistake{field, message})
		}
	}
	page := s.joinWith(choice.Org, v)
	page.Status = status
	return page, nil
}

// sentView says that the mail is on its way, and what is held meanwhile.
type sentView struct {
	Org         web.OrganizationView
	Email       string
	Held        []placeView
	InLine      []placeView
	Refused     []placeView
	Gone        int
	Until, Link string // the clock when the places go, and the link
	Nothing     bool   // nothing came of it
	List        string
}

func (s *Service) sentPage(out RequestOutcome, email string, gone int) web.View {
	org, now := out.Organization, s.now()
	v := sentView{
		Org: web.ViewOrganization(org), Email: email, Held: s.placesOf(org, out.Held), InLine: s.placesOf(org, out.InLine), Refused: s.refusedOf(org, out.Refused),
		Gone: gone, Until: clockInWords(out.HoldUntil, org.Location(), now), Nothing: out.LinkUntil.IsZero(), List: volunteerPath(org),
	}
	if !v.Nothing {
		v.Link = instantInWords(out.LinkUntil, org.Location())
	}
	page := s.finding(org, "volunteer_sent", "Check your mail", &v, v.List)
	if page.OG, page.Canonical = nil, ""; v.Nothing {
		page.Title, page.Status = "Nothing was held", http.StatusConflict
	}
	return privately(page)
}

// placeView is one shift in a list of what became of a choice.
type placeView struct {
	ID                id.ID[volunteer.SignUp]
	Title, Role, Part string
	When              string
	Place             string
	Remote            bool
	Path              string
	Position          int
	Party             int    // how many come, whoever signed up included
	Message           string // why not, and what to do
	Again             string // where to join the line instead
	Contact           contactView
}

func (s *Service) placesOf(org account.Organization, lines []SignUpLine) []placeView {
	var all []placeView
	for _, l := range lines {
		v := s.placeOf(org, l.Shift, l.Opportunity)
		v.ID, v.Position, v.Party = l.ID, l.Position, l.Party
		all = append(all, v)
	}
	return all
}

func (s *Service) refusedOf(org account.Organization, refused []RefusedShift) []placeView {
	var all []placeView
	for _, f := range refused {
		v := s.placeOf(org, f.Shift, f.Opportunity)
		v.Message = f.Message
		if f.Code == "sign_up."+string(volunteer.RuleFull) {
			v.Again = volunteerPath(org) + "/join?shift=" + f.Shift.ID.String()
		}
		all = append(all, v)
	}
	return all
}

func (s *Service) placeOf(org account.Organization, of volunteer.Shift, o volunteer.Opportunity) placeView {
	v := placeView{
		Title: o.Title, Role: o.Role, Part: of.Title, When: whenInWords(of, s.now()), Place: placeInWords(o.Place), Remote: o.Place.Remote,
		Contact: contactView{o.ContactName, o.ContactEmail, o.ContactPhone},
	}
	if o.Visibility == volunteer.ForEverybody && o.Status != volunteer.Draft {
		v.Path = opportunityPath(org, o.Slug)
	}
	if of.MeetingPoint != "" && !v.Remote {
		v.Place = joined(", ", of.MeetingPoint, o.Place.City)
	}
	return v
}

// whenInWords is the day and the time of a shift.
func whenInWords(s volunteer.Shift, now time.Time) string {
	return dayInWords(s.StartsLocal.Day(), day.In(now, s.Location())) + ", " + spanInWords(s)
}

// outcomeView says what somebody got, where they wait, and what they did not get and why.
type outcomeView struct {
	Org      web.OrganizationView
	Name     string
	Placed   []placeView
	Waiting  []placeView
	Refused  []placeView
	Gone     int
	Entered  bool // the browser was let in by this
	My, List string
}

func (s *Service) outcomePage(org account.Organization, out Outcome, gone int) web.View {
	return s.outcomeWith(org, outcomeView{Gone: gone}, out)
}

func (s *Service) outcomeWith(org account.Organization, v outcomeView, out Outcome) web.View {
	v.Org, v.My, v.List = web.ViewOrganization(org), myShiftsPath(org), volunteerPath(org)
	v.Placed, v.Waiting, v.Refused = s.placesOf(org, out.Placed), s.placesOf(org, out.Waiting), s.refusedOf(org, out.Refused)
	title := "Thank you"
	switch {
	case len(v.Placed) > 0:
	case len(v.Waiting) > 0:
		title = "You are on the waitlist"
	default:
		title = "You have no place yet"
	}
	page := s.finding(org, "volunteer_outcome", title, &v, v.List)
	page.OG, page.Canonical = nil, ""
	return privately(page)
}
