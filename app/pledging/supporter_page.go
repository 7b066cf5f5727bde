package pledging

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"tributary/app/platform/web"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/fault"
	"tributary/domain/id"
	"tributary/domain/money"
	"tributary/domain/payment"
	"tributary/domain/person"
	"tributary/domain/promise"
)

// Pages registers the pages on which donors look after what they promised. Everything works without scripts.
func (s *Service) Pages(p *web.Pages) {
	p.GET("/my/{org}/promises/{promise}", s.promisePage)
	p.GET("/my/{org}/promises/{promise}/cancel", s.cancelPage)
	for doing, act := range map[string]func(context.Context, account.Organization, promise.Kept, web.Request) error{
		"pause": s.postPause, "resume": s.postResume, "skip": s.postSkip, "amount": s.postAmount, "day": s.postDay,
	} {
		p.POST("/my/{org}/promises/{promise}/"+doing, s.changing(doing, act))
	}
	p.POST("/my/{org}/promises/{promise}/cancel", s.postCancel)
	p.POST("/my/{org}/promises/{promise}/card", s.postCard)
	p.GET("/pay/{org}/{token}", s.payPage)
	p.POST("/pay/{org}/{token}", s.postPay)
	p.GET("/promise/{org}/{reference}", s.pledgePage)
	p.POST("/promise/{org}/{reference}", s.postPledge)
}

// promiseView is the page of one plan or pledge.
type promiseView struct {
	Org      web.OrganizationView
	Kept     promise.Kept
	Standing promise.Status
	Outlook  promise.Outlook
	Lead     bool        // the outlook is not one of Troubled
	Each     money.Money // of each payment of a plan, the card fee included; of a whole pledge
	CanCover bool        // the card fee can be added
	Extra    money.Money // the card fee of what a plan charges now
	Paid     money.Money // of a pledge
	Owed     money.Money // of a pledge
	Troubled []partView
	Parts    []partView // all of a pledge; what a plan charged or left out lately
	Upcoming []promise.Part
	Choices  choices
	NewCard  newCardView
	Open     bool
	Moving   bool   // a payment is under way
	Done     string // what was just done
	Saving   bool   // a card is being saved
	Unsaved  bool   // a card was not saved
	Problem  string // why nothing was done
	Errors   map[string]string
	Typed    map[string]string
	Today    day.Day
	Home     string // the supporter page
	Path     string
}

// partView is an instalment with what happens next with it.
type partView struct {
	promise.Instalment
	Outlook promise.Outlook
	Pay     string // where it can be paid; empty when it cannot
}

// triedCard stands for the card that would be saved, to try out what it would do.
var triedCard = uuid.UUID{1}

// newCardView says what another card would do.
type newCardView struct {
	Others  int           // promises besides this one that it would serve
	Charged []chargedView // what would be charged at once
}

type chargedView struct {
	promise.Outlook
	Purpose string
}

// saidDone are the changes that the page confirms: its address names one after it was made.
var saidDone = []string{"pause", "resume", "skip", "amount", "day", "card", "cancel"}

// promisePage shows a supporter one of their promises, and anybody else the way in.
func (s *Service) promisePage(ctx context.Context, r web.Request) (web.View, error) {
	org, k, away, err := s.mine(ctx, r)
	if err != nil || away != nil {
		return orView(away), err
	}
	v, err := s.promiseOf(ctx, org, k)
	if err != nil {
		return web.View{}, err
	}
	if done := r.Query("done"); slices.Contains(saidDone, done) {
		v.Done = done
	}
	if r.Query("card") == "saving" {
		if err := s.cardSaved(ctx, &v); err != nil {
			return web.View{}, err
		}
	}
	return v.page(org), nil
}

// cardSaved says what became of the page on which the donor saved a card. The browser's return proves nothing: Stripe has to tell.
func (s *Service) cardSaved(ctx context.Context, v *promiseView) error {
	saving, err := s.saving(ctx, v.Kept.Promise)
	switch saving {
	case payment.AttemptSucceeded:
		v.Done = "card"
	case payment.AttemptCreated, payment.AttemptOpen:
		v.Saving = true
	default:
		v.Unsaved = true
	}
	return err
}

// mine is the promise that the page is about, when it is the supporter's who asks; away is where anybody else goes.
func (s *Service) mine(ctx context.Context, r web.Request) (org account.Organization, k promise.Kept, away *web.View, err error) {
	org, err = s.organizations.OrganizationBySlug(ctx, r.Param("org"))
	if err != nil {
		return org, k, nil, err
	}
	if who := actor.From(ctx); who.Kind != actor.KindSupporter || who.OrgID != org.ID.UUID {
		return org, k, &web.View{Redirect: "/my/" + org.Slug}, nil
	}
	of, err := id.Parse[promise.Promise](r.Param("promise"))
	if err != nil {
		return org, k, nil, promise.ErrNotFound
	}
	k, err = s.keptBySelf(ctx, org, of)
	return org, k, nil, err
}

func orView(v *web.View) web.View {
	if v == nil {
		return web.View{}
	}
	return *v
}

func (s *Service) promiseOf(ctx context.Context, org account.Organization, k promise.Kept) (promiseView, error) {
	now := s.now()
	today := dateOf(k.Promise, now)
	v := promiseView{
		Org: web.ViewOrganization(org), Kept: k, Standing: k.StandingOn(today), Outlook: k.Promise.Outlook(now), Paid: k.Paid(), Owed: k.Owed(),
		Each: k.Each(), Open: k.Status.Open() && k.Status != promise.PendingSetup,
		Errors: map[string]string{}, Typed: map[string]string{}, Today: today, Home: "/my/" + org.Slug, Path: supporterPath(org, k.ID),
	}
	v.Moving = moving(k.Promise)
	for _, i := range k.Troubled(now) {
		v.Troubled = append(v.Troubled, s.partOf(org, k.Promise, *i))
	}
	v.Lead = !slices.ContainsFunc(v.Troubled, func(p partView) bool { return p.ID == v.Outlook.Instalment })
	v.Parts = s.partsOf(org, k.Promise)
	if k.Kind == promise.Plan && v.Open {
		v.Choices = choicesOf(k.Promise, now)
		v.Upcoming = laterOnes(k.Promise, v.Outlook, today)
		tariff, err := s.tariffs.Offer(ctx, org, k.Amount.Currency)
		if err != nil {
			return v, err
		}
		v.Extra = money.New(tariff.Gross(k.Amount).Minor-k.Amount.Minor, k.Amount.Currency)
		v.CanCover = v.Extra.Minor > 0
	}
	if !v.Open {
		return v, nil
	}
	kept, err := s.KeptBy(ctx, k.OrgID, id.From[person.Person](*k.PersonID))
	if err != nil {
		return v, err
	}
	v.NewCard = s.withNewCard(k, kept)
	return v, nil
}

// partsOf is every part of a pledge that asks for money or got some, in order; of a plan what is over, the newest first.
func (s *Service) partsOf(org account.Organization, p promise.Promise) []partView {
	const shown = 12
	var parts []partView
	for _, i := range p.Instalments {
		if p.Kind == promise.Pledge && (i.Amount.Minor > 0 || i.PaidMinor > 0) || p.Kind == promise.Plan && !i.State.Open() && i.State != promise.Ended {
			parts = append(parts, s.partOf(org, p, i))
		}
	}
	if p.Kind == promise.Plan {
		slices.Reverse(parts)
		parts = parts[:min(len(parts), shown)]
	}
	return parts
}

func (s *Service) partOf(org account.Organization, p promise.Promise, i promise.Instalment) partView {
	v := partView{Instalment: i, Outlook: p.OutlookOf(&i, s.now())}
	if _, err := p.TakeByHand(i.ID); err == nil && i.Amount.Minor > 0 && v.Outlook.Prospect != promise.UnderWay {
		v.Pay = s.payPath(org, i.ID.UUID)
	}
	return v
}

// laterOnes are the dates after the one that the outlook speaks of.
func laterOnes(p promise.Promise, o promise.Outlook, today day.Day) []promise.Part {
	const shown = 3
	parts := p.Upcoming(shown+1, today)
	for i := range parts {
		parts[i].Amount = p.Each()
	}
	if len(parts) > 0 && parts[0].DueOn == o.DueOn {
		return parts[1:]
	}
	return parts[:min(len(parts), shown)]
}

// withNewCard tries out on everything that a person promised what another card would do.
func (s *Service) withNewCard(of promise.Kept, all []promise.Kept) newCardView {
	var v newCardView
	now := s.now()
	for _, k := range all {
		switch {
		case k.ID == of.ID:
		case k.Method != promise.ByCard || !k.Status.Open() || k.Status == promise.PendingSetup:
			continue
		default:
			v.Others++
		}
		t := k.Tried()
		if i := t.UseCard(triedCard, now); i != nil {
			v.Charged = append(v.Charged, chargedView{t.OutlookOf(i, now), k.Purpose})
		}
	}
	return v
}

func (v promiseView) page(org account.Organization) web.View {
	title := "Your monthly gift"
	if v.Kept.Kind == promise.Pledge {
		title = "Your pledge"
	}
	return waiting(web.View{
		Template: "supporter_promise", Data: &v, Title: title, Org: web.AppearanceOf(org), NoIndex: true, Cache: privately,
	}, v.Saving)
}

// privately keeps pages about somebody's money out of every cache.
const privately = "private, no-store"

// waiting gives a page that waits for the card gateway the script that looks for the answer.
func waiting(v web.View, waits bool) web.View {
	if waits {
		v.Entry, v.Messages = "waiting", []string{"pay.still"}
	}
	return v
}

// changing answers a form of the page: the change, then the page that says what was done, or what is wrong with the form.
func (s *Service) changing(doing string, act func(context.Context, account.Organization, promise.Kept, web.Request) error) web.PageHandler {
	return func(ctx context.Context, r web.Request) (web.View, error) {
		org, k, away, err := s.mine(ctx, r)
		if err != nil || away != nil {
			return orView(away), err
		}
		err = act(ctx, org, k, r)
		if err == nil {
			return web.View{Redirect: supporterPath(org, k.ID) + "?done=" + doing}, nil
		}
		return s.refused(ctx, org, k, r, err)
	}
}

// refused shows the page again with what was typed and why it was not done.
func (s *Service) refused(ctx context.Context, org account.Organization, k promise.Kept, r web.Request, cause error) (web.View, error) {
	status := http.StatusUnprocessableEntity
	switch fault.KindOf(cause) {
	case fault.KindInvalid:
	case fault.KindConflict:
		status = http.StatusConflict
	case fault.KindUnavailable:
		status = http.StatusServiceUnavailable
	case fault.KindRateLimited:
		status = http.StatusTooManyRequests
	case fault.KindUnauthenticated, fault.KindForbidden, fault.KindNotFound, fault.KindPrecondition, "":
		return web.View{}, cause
	}
	k, err := s.keptBySelf(ctx, org, k.ID) // as it is now
	if err != nil {
		return web.View{}, err
	}
	v, err := s.promiseOf(ctx, org, k)
	if err != nil {
		return web.View{}, err
	}
	for _, field := range []string{"months", "until", "amount", "cover_fee", "day"} {
		if typed, ok := r.Values()[field]; ok && len(typed) == 1 && len(typed[0]) < 100 {
			v.Typed[field] = typed[0]
		}
	}
	if v.Errors = web.FieldErrors(cause); v.Errors == nil {
		v.Errors, v.Problem = map[string]string{}, fault.MessageOf(cause)
	}
	page := v.page(org)
	page.Status = status
	return page, nil
}

// versionOf is the version of the promise that the form was made from.
func versionOf(r web.Request) (int, error) {
	version, err := strconv.Atoi(r.Form("version"))
	if err != nil || version < 1 {
		return 0, promise.ErrChanged
	}
	return version, nil
}
