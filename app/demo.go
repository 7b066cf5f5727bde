package app

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"

	"tributary/app/causes"
	"tributary/app/platform/config"
	"tributary/app/platform/stripesandbox"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/campaign"
	"tributary/domain/cause"
	"tributary/domain/day"
	"tributary/domain/donation"
	"tributary/domain/fault"
	"tributary/domain/money"
	"tributary/domain/person"
	"tributary/domain/promise"
)

// DemoPassword opens every demonstration login. Demonstrations run on the machine that shows them.
const DemoPassword = "many-small-streams"

// DemoLogin is one login of the demonstration.
type DemoLogin struct {
	Name, Email, What string
}

// DemoLogins lists who can sign in to the demonstration.
func DemoLogins() []DemoLogin {
	logins := make([]DemoLogin, 0, len(demoTeam))
	for _, l := range demoTeam {
		logins = append(logins, DemoLogin{l.name, l.email, l.what})
	}
	return logins
}

// demo fills a database through the services, as people would. The same seed makes the same data.
type demo struct {
	*App
	ctx     context.Context //nolint:containedctx // lives as long as the one call it serves
	sandbox *stripesandbox.Sandbox
	random  *rand.Rand
	logins  map[string]account.Login
}

// Seed fills an empty database with the demonstration and leaves a filled one alone. With a sandbox and running jobs some gifts are paid by
// card, the whole way through.
func (a *App) Seed(ctx context.Context, sandbox *stripesandbox.Sandbox) error {
	if a.cfg.Environment != config.Demo {
		return errors.New("demonstration data has no place in production: set ENVIRONMENT=demo")
	}
	_, err := a.access.OrganizationBySlug(ctx, demoNonprofit.Slug)
	switch {
	case err == nil:
		return nil
	case fault.KindOf(err) != fault.KindNotFound:
		return err
	}
	d := &demo{
		App: a, ctx: actor.With(ctx, actor.System), sandbox: sandbox, random: rand.New(rand.NewPCG(2026, 11)), //nolint:gosec // the same data every time
		logins: map[string]account.Login{},
	}
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"the registry", d.registry}, {"logins", d.people}, {"the nonprofit", d.nonprofit}, {"the other organizations", d.others},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("seed %s: %w", step.what, err)
		}
	}
	return nil
}

// as is the context of a member at work.
func (d *demo) as(login account.Login, org account.Organization, role account.Role) context.Context {
	who := actor.Actor{Kind: actor.KindLogin, ID: login.ID.UUID, OrgID: org.ID.UUID, Role: string(role), RequestID: "seed"}
	for _, p := range role.Permissions() {
		who.Permissions = append(who.Permissions, string(p))
	}
	return actor.With(d.ctx, who)
}

func (d *demo) registry() error {
	_, err := d.causes.ImportRegistry(d.ctx, causes.Import{Content: strings.NewReader(demoRegistry), FileName: "eo_demo.csv", Source: "demo"})
	return err
}

func (d *demo) people() error {
	for _, m := range demoTeam {
		login, err := d.access.CreateLogin(d.ctx, account.LoginDetails{Name: m.name, Email: m.email, Operator: m.operator}, DemoPassword)
		if err != nil {
			return err
		}
		d.logins[m.email] = login
	}
	return nil
}

// found makes an organization with its team.
func (d *demo) found(details account.OrganizationDetails, patch account.OrganizationPatch) (account.Organization, context.Context, error) {
	var org account.Organization
	var ctx context.Context
	var err error
	for _, m := range demoTeam {
		role, ok := m.roles[details.Slug]
		if !ok {
			continue
		}
		login := d.logins[m.email]
		if role == account.Owner {
			if org, err = d.access.Found(d.ctx, login.ID, details); err != nil {
				return org, nil, err
			}
			ctx = d.as(login, org, role)
			continue
		}
		member := account.Membership{OrgID: org.ID, LoginID: login.ID, Role: role, CreatedAt: d.now()}
		if err = d.access.AddMember(ctx, member); err != nil {
			return org, nil, err
		}
	}
	org, err = d.access.ChangeOrganization(ctx, patch)
	return org, ctx, err
}

func (d *demo) nonprofit() error {
	org, ctx, err := d.found(demoNonprofit, demoNonprofitPatch())
	if err != nil {
		return err
	}
	var library, willows campaign.Campaign
	for _, p := range demoPurposes {
		made, err := d.purpose(ctx, p)
		if err != nil {
			return err
		}
		switch p.campaign.Slug {
		case demoLibrary:
			library = made
		case demoWillows:
			willows = made
		}
	}
	if err := d.volunteers(ctx, org); err != nil { // first: a gift finds its donor by the address, and some who help also give
		return fmt.Errorf("volunteers: %w", err)
	}
	if err := d.cardGifts(org, library); err != nil {
		return err
	}
	if err := d.monthlyGifts(org, willows); err != nil {
		return err
	}
	if err := d.pledges(ctx, org, willows); err != nil {
		return err
	}
	return d.recordedGifts(ctx, org, library)
}

// purpose makes a cause with its fund and its campaign, published.
func (d *demo) purpose(ctx context.Context, p demoPurpose) (campaign.Campaign, error) {
	made, err := d.causes.Create(ctx, p.cause)
	if err != nil {
		return campaign.Campaign{}, err
	}
	fund, err := d.causes.AddFund(ctx, made.ID, p.fund)
	if err != nil {
		return campaign.Campaign{}, err
	}
	published := cause.Published
	if _, err := d.causes.Change(ctx, made.ID, cause.Patch{Status: &published}); err != nil {
		return campaign.Campaign{}, err
	}
	details := p.campaign
	details.CauseID, details.FundID = made.ID, fund.ID
	if p.days > 0 {
		details.EndsOn = day.In(d.now(), time.UTC).AddDays(p.days)
	}
	c, err := d.fundraising.Create(ctx, details)
	if err != nil {
		return campaign.Campaign{}, err
	}
	if c, err = d.fundraising.Publish(ctx, c.ID.UUID); err != nil {
		return campaign.Campaign{}, err
	}
	return c.Campaign, nil
}

// cardGifts are given on the public page and paid at the sandbox; its webhooks and our jobs do the rest.
func (d *demo) cardGifts(org account.Organization, c campaign.Campaign) error {
	if d.sandbox == nil {
		return nil
	}
	for i, g := range demoCardGifts {
		donor := demoDonors[i]
		started, err := d.giving.StartCheckout(actor.With(d.ctx, actor.Nobody), donation.CheckoutRequest{
			OrgSlug: org.Slug, CampaignSlug: c.Slug, Amount: money.New(g.minor, org.Currency), CoverFee: g.cover, FirstName: donor.first, LastName: donor.last,
			Email: donor.email(), Visibility: g.visibility, Comment: g.comment, EmailConsent: i%2 == 0, FormToken: uuid.New(),
		})
		if err != nil {
			return err
		}
		if err := d.pay(started, donor); err != nil {
			return err
		}
	}
	return nil
}

// pay pays a gift on the sandbox's page, with a card that works.
func (d *demo) pay(started donation.CheckoutStarted, donor demoDonor) error {
	session, err := d.sessionOf(started.RedirectURL)
	if err != nil {
		return err
	}
	_, err = d.sandbox.PaySession(session, stripesandbox.Payment{Card: "4242424242424242", Email: donor.email(), Name: donor.first + " " + donor.last})
	return err
}

// monthlyGifts begin today on the public page; the sandbox keeps their cards.
func (d *demo) monthlyGifts(org account.Organization, c campaign.Campaign) error {
	if d.sandbox == nil {
		return nil
	}
	for i, minor := range demoMonthly {
		donor := demoDonors[len(demoDonors)-1-i]
		started, err := d.giving.StartCheckout(actor.With(d.ctx, actor.Nobody), donation.CheckoutRequest{
			OrgSlug: org.Slug, CampaignSlug: c.Slug, Amount: money.New(minor, org.Currency), Frequency: donation.Monthly, Zone: org.Zone,
			FirstName: donor.first, LastName: donor.last, Email: donor.email(), Visibility: donation.NameOnly, FormToken: uuid.New(),
		})
		if err != nil {
			return err
		}
		if err := d.pay(started, donor); err != nil {
			return err
		}
	}
	return nil
}

// pledges were taken by staff; some of their instalments came by cheque, some are late.
func (d *demo) pledges(ctx context.Context, org account.Organization, c campaign.Campaign) error {
	today := day.In(d.now(), org.Location())
	campaignID := c.ID.UUID
	target := donation.Target{CampaignID: &campaignID, CauseID: c.CauseID.UUID, FundID: c.FundID.UUID}
	for i, g := range demoPledges {
		donor := demoDonors[len(demoDonors)-1-len(demoMonthly)-i]
		who, err := d.App.people.Create(ctx, person.Details{FirstName: donor.first, LastName: donor.last, Email: donor.email()})
		if err != nil {
			return err
		}
		taken, err := d.pledging.Record(ctx, promise.PledgeDetails{
			PersonID: &who.ID.UUID, Target: target, Total: money.New(g.total, org.Currency), Count: g.count, Unit: promise.Month, Every: g.every,
			FirstOn: today.AddDays(g.firstIn), Method: promise.ByLink, RemindBeforeDays: 7, RemindEveryDays: 7, RemindAtMost: 3,
		}, donation.Request{})
		if err != nil {
			return err
		}
		for _, part := range taken.Instalments[:g.paid] {
			_, err := d.giving.Record(ctx, donation.Details{
				PersonID: &who.ID.UUID, Amount: part.Amount, Method: donation.Cheque, Target: target, InstalmentID: &part.ID.UUID, ReceivedOn: part.DueOn,
				PaymentNumber: fmt.Sprint(1000 + d.random.IntN(9000)),
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// sessionOf finds the checkout session that a hosted page belongs to.
func (d *demo) sessionOf(pageURL string) (string, error) {
	for _, s := range d.sandbox.Sessions(d.sandbox.PlatformAccount()) {
		if strings.Contains(pageURL, s.ID) {
			return s.ID, nil
		}
	}
	return "", errors.New("the sandbox does not know the checkout it opened")
}

// recordedGifts are cheques, cash and transfers of the last weeks; the last one makes the sum come out.
func (d *demo) recordedGifts(ctx context.Context, org account.Organization, c campaign.Campaign) error {
	left := demoRaised
	for _, g := range demoCardGifts {
		left -= g.minor
	}
	today := day.In(d.now(), org.Location())
	campaignID := c.ID.UUID
	for i := range demoRecorded {
		minor := (int64(d.random.IntN(60)) + 5) * 1000
		if i == demoRecorded-1 {
			minor = left
		}
		left -= minor
		donor := demoDonors[d.random.IntN(len(demoDonors))]
		method := []donation.Method{donation.Cheque, donation.Cheque, donation.BankTransfer, donation.Cash}[d.random.IntN(4)]
		number := ""
		if method == donation.Cheque {
			number = fmt.Sprint(1000 + d.random.IntN(9000))
		}
		_, err := d.giving.Record(ctx, donation.Details{
			Donor: donation.Donor{FirstName: donor.first, LastName: donor.last, Email: donor.email()}, Amount: money.New(minor, org.Currency), Method: method,
			Target:     donation.Target{CampaignID: &campaignID, CauseID: c.CauseID.UUID, FundID: c.FundID.UUID},
			ReceivedOn: today.AddDays(-d.random.IntN(75)), PaymentNumber: number,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *demo) others() error {
	for _, o := range demoOthers {
		if _, _, err := d.found(o, account.OrganizationPatch{}); err != nil {
			return err
		}
	}
	return nil
}
