package volunteering

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/google/uuid"

	"tributary/app/platform/database"
	"tributary/domain/account"
)

// What a feed holds: shifts of a while back, and cancelled ones for as long as a calendar may take to hear of them.
const (
	feedPast      = 90 * 24 * time.Hour
	feedCancelled = 30 * 24 * time.Hour
	mostOfFeed    = 1000
)

// feedStamp says whose feed a token opens and which version of it there is: it differs whenever the feed does.
type feedStamp struct {
	OrgID    uuid.UUID
	OrgName  string
	PersonID uuid.UUID
	Rows     int
	Versions int64
	Changed  *time.Time
	Today    time.Time // what is too old leaves the feed at midnight
}

// tag is the entity tag of a feed. It is weak: the same feed may travel compressed.
func (f feedStamp) tag() string {
	var changed int64
	if f.Changed != nil {
		changed = f.Changed.UnixMicro()
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "1 %q %s %d %d %d %d", f.OrgName, f.PersonID, f.Rows, f.Versions, changed, f.Today.Unix()))
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
}

// feedStamp reads the stamp of a token's feed, in one statement; an unknown token is volunteer.ErrVolunteer.
func (s *Service) feedStamp(ctx context.Context, org account.Organization, token string) (feedStamp, error) {
	f := feedStamp{OrgID: org.ID.UUID, OrgName: org.Name, Today: s.now().Truncate(24 * time.Hour)}
	err := s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		return readStamp(ctx, r, &f, token)
	})
	return f, err
}

// feed writes the feed that a stamp stands for.
func (s *Service) feed(ctx context.Context, org account.Organization, f feedStamp) ([]byte, error) {
	var entries []entry
	err := s.db.Read(ctx, database.Tenant(org.ID.UUID), func(r database.Reader) error {
		signUps, err := feedSignUps(ctx, r, f)
		if err != nil {
			return err
		}
		entries, err = withShifts(ctx, r, signUps)
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.calendarOf(org, entries), nil
}
