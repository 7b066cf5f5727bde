package fundraising

import (
	"context"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/singleflight"

	"tributary/app/platform/database"
	"tributary/domain/account"
	"tributary/domain/actor"
	"tributary/domain/campaign"
	"tributary/domain/day"
)

// Standing is all that the public may know of a campaign at one moment.
type Standing struct {
	Organization account.Organization
	Campaign     campaign.Campaign
	Progress     campaign.Progress
	Recent       []campaign.Gift // newest first; empty when the campaign hides its donors
	Today        day.Day         // at the organization
}

// Open reports whether people can give now: nil, or why not.
func (s Standing) Open() error { return s.Campaign.Open(s.Today) }

const (
	freshFor   = 2 * time.Second // how old a public figure may be
	mostKept   = 4096            // campaigns remembered at a time
	recentMost = 12
)

// Standing returns what the public may know of a campaign. A draft is not found. What many read is derived once in two seconds.
func (s *Service) Standing(ctx context.Context, orgSlug, campaignSlug string) (Standing, error) {
	if !campaign.IsSlug(orgSlug) || !campaign.IsSlug(campaignSlug) {
		return Standing{}, campaign.ErrNotFound
	}
	return s.board.standing(ctx, orgSlug+"/"+campaignSlug, func(ctx context.Context) (Standing, error) {
		org, err := s.orgs.OrganizationBySlug(ctx, orgSlug)
		if err != nil {
			return Standing{}, err
		}
		now := s.moment(org)
		st := Standing{Organization: org, Today: now.Today}
		err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
			c, err := findCampaignBySlug(ctx, r, org.ID.UUID, campaignSlug)
			if err != nil {
				return err
			}
			if c.Status == campaign.Draft {
				return campaign.ErrNotFound
			}
			row, err := countCampaign(ctx, r, org.ID.UUID, c.ID.UUID)
			if err != nil {
				return err
			}
			st.Campaign, st.Progress, st.Recent = row.Campaign, row.progress(), nil
			if c.ShowDonors {
				st.Recent, err = listRecentGifts(ctx, r, c, recentMost)
			}
			return err
		})
		return st, err
	})
}

// LiveCampaigns lists what an organization collects for now, the newest first.
func (s *Service) LiveCampaigns(ctx context.Context, orgSlug string) (account.Organization, []Counted, error) {
	if !campaign.IsSlug(orgSlug) {
		return account.Organization{}, nil, campaign.ErrNotFound
	}
	org, err := s.orgs.OrganizationBySlug(ctx, orgSlug)
	if err != nil {
		return account.Organization{}, nil, err
	}
	today := s.moment(org).Today
	var rows []counted
	err = s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) (err error) {
		rows, err = listCampaigns(ctx, r, org.ID.UUID, Page{Status: campaign.Live, Limit: 100})
		return err
	})
	if err != nil {
		return account.Organization{}, nil, err
	}
	open := rows[:0]
	for _, row := range rows {
		if row.Open(today) == nil {
			open = append(open, row)
		}
	}
	return org, withOrganization(open, org), nil
}

// Watch calls tell with the campaign's progress now and after every change, until ctx ends or tell fails. Word of a change may get lost,
// so it also looks by itself every fifteen seconds.
func (s *Service) Watch(ctx context.Context, id uuid.UUID, tell func(Counted) error) error {
	org := actor.From(ctx).OrgID
	changes, leave := s.board.join(org, id)
	defer leave()
	ticker := time.NewTicker(15 * time.Second)
	defer ticker.Stop()
	var told campaign.Progress
	for first := true; ; first = false {
		c, err := s.Find(ctx, id)
		if err != nil {
			return err
		}
		if first || c.Progress != told {
			if err := tell(c); err != nil {
				return err
			}
			told = c.Progress
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changes:
		case <-ticker.C:
		}
	}
}

// ProgressChannel is the channel on which writers tell that a campaign's total moved; the payload is "organization:campaign".
const ProgressChannel = "campaign_progress"

// ProgressMoved takes word from ProgressChannel: who watches that campaign looks again, and what was remembered of it is forgotten. An
// empty payload says that word may have been lost, so it goes to everybody.
func (s *Service) ProgressMoved(payload string) {
	if payload == "" {
		s.board.forgetAll()
		s.board.wakeAll()
		return
	}
	orgText, campaignText, _ := strings.Cut(payload, ":")
	org, errOrg := uuid.Parse(orgText)
	id, errCampaign := uuid.Parse(campaignText)
	if errOrg != nil || errCampaign != nil {
		return
	}
	s.board.forget(org, id)
	s.board.wake(org, id)
}

// board remembers standings for a moment and knows who watches which campaign.
type board struct {
	now      func() time.Time
	flights  singleflight.Group
	mu       sync.Mutex
	kept     map[string]remembered
	watchers map[watched]map[chan struct{}]bool
}

type remembered struct {
	Standing
	at time.Time
}

type watched struct{ org, campaign uuid.UUID }

func newBoard(now func() time.Time) *board {
	return &board{now: now, kept: map[string]remembered{}, watchers: map[watched]map[chan struct{}]bool{}}
}

func (b *board) standing(ctx context.Context, key string, derive func(context.Context) (Standing, error)) (Standing, error) {
	b.mu.Lock()
	known, ok := b.kept[key]
	b.mu.Unlock()
	if ok && b.now().Sub(known.at) < freshFor {
		return known.Standing, nil
	}
	// One visitor who leaves must not fail the others who wait for the same answer.
	result, err, _ := b.flights.Do(key, func() (any, error) {
		began := b.now()
		st, err := derive(context.WithoutCancel(ctx))
		if err == nil {
			b.keep(key, remembered{st, began})
		}
		return st, err
	})
	return result.(Standing), err
}

func (b *board) keep(key string, r remembered) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.kept) >= mostKept {
		maps.DeleteFunc(b.kept, func(_ string, old remembered) bool { return r.at.Sub(old.at) >= freshFor })
	}
	if len(b.kept) < mostKept {
		b.kept[key] = r
	}
}

func (b *board) forget(org, id uuid.UUID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	maps.DeleteFunc(b.kept, func(_ string, r remembered) bool { return r.Campaign.OrgID == org && r.Campaign.ID.UUID == id })
}

func (b *board) forgetAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.kept)
}

func (b *board) join(org, id uuid.UUID) (changes <-chan struct{}, leave func()) {
	key, signal := watched{org, id}, make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.watchers[key] == nil {
		b.watchers[key] = map[chan struct{}]bool{}
	}
	b.watchers[key][signal] = true
	return signal, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watchers[key], signal)
		if len(b.watchers[key]) == 0 {
			delete(b.watchers, key)
		}
	}
}

func (b *board) wake(org, id uuid.UUID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	signalAll(b.watchers[watched{org, id}])
}

func (b *board) wakeAll() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, signals := range b.watchers {
		signalAll(signals)
	}
}

// signalAll never blocks: a watcher that has not looked yet will see this change too.
func signalAll(signals map[chan struct{}]bool) {
	for signal := range signals {
		select {
		case signal <- struct{}{}:
		default:
		}
	}
}
