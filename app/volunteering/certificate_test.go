package volunteering_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"tributary/app/platform/database"
	"tributary/app/platform/sheet/sheettest"
	"tributary/domain/actor"
	"tributary/domain/day"
	"tributary/domain/person"
	"tributary/domain/volunteer"
)

var certificates = flag.String("certificates", "", "folder to leave sample certificates in, to look at")

// pdfText is the drawn texts of a PDF, with one blank between them.
func pdfText(t *testing.T, pdf []byte) string {
	t.Helper()
	return strings.Join(strings.Fields(strings.Join(sheettest.Texts(t, pdf), " ")), " ")
}

// sample leaves a certificate to be looked at.
func sample(t *testing.T, name string, pdf []byte) {
	t.Helper()
	if dir := *certificates; dir != "" {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".pdf"), pdf, 0o600))
	}
}

func TestACertificateSaysWhatWasGiven(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.count(`with done as (update organizations set legal_name = 'Riverbend Trust Inc', receipt_signatory = 'Ann Osei, Treasurer', address_line1 = '12 Mill Lane',
		city = 'Albany', region = 'NY', postal_code = '12207' where id = $1 returning 1) select count(*) from done`, w.org.ID)
	o, drive := w.mentoring(), w.mentoring(func(d *volunteer.Details) { d.Title, d.Role = "Drive the van", "" })
	ada := w.person("Ada", "Hale", "ada@example.org")
	w.approve(w.gave(ada, o, day.New(2026, 3, 1), 90), w.gave(ada, o, november(2), 60), w.gave(ada, drive, november(20), 45))
	w.gave(ada, drive, november(21), 500) // pending: does not count
	pdf, err := w.volunteering.Certificate(w.coordinator(), ada.ID.UUID, day.Day{}, day.Day{})
	require.NoError(t, err)
	sample(t, "certificate", pdf)
	text := pdfText(t, pdf)
	for _, want := range []string{
		"Riverbend Trust Inc", "12 Mill Lane", "Albany, NY 12207", "Certificate of service", "Ada Hale",
		"served Riverbend Trust Inc as a volunteer for 3 h 15 min from March 1, 2026 to November 22, 2026.",
		"Mentor a pupil (Mentor) March 1, 2026 – November 2, 2026 2 h 30 min", "Drive the van November 20, 2026 45 min", "Total 3 h 15 min",
		"Issued on November 22, 2026", "Ann Osei, Treasurer", "for Riverbend Trust Inc", "Page 1 of 1",
	} {
		require.Contains(t, text, want)
	}
	again, err := w.volunteering.Certificate(w.coordinator(), ada.ID.UUID, day.Day{}, day.Day{})
	require.NoError(t, err)
	require.True(t, bytes.Equal(pdf, again), "the same certificate gives the same bytes")
	require.Contains(t, w.audited(ada.ID.UUID), "certificate.issued")

	pdf, err = w.volunteering.Certificate(w.coordinator(), ada.ID.UUID, november(1), november(10))
	require.NoError(t, err)
	text = pdfText(t, pdf)
	require.Contains(t, text, "for 1 h from November 1, 2026 to November 10, 2026.")
	require.NotContains(t, text, "Drive the van")
	_, err = w.volunteering.Certificate(w.coordinator(), ada.ID.UUID, november(12), november(13))
	require.Equal(t, "certificate.no_hours", codeOf(err))
	_, err = w.volunteering.Certificate(w.coordinator(), ada.ID.UUID, november(12), november(11))
	blames(t, err, "to")
}

func TestACertificateIsOnesOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, ben := w.person("Ada", "Hale", "ada@example.org"), w.person("Ben", "Low", "ben@example.org")
	w.approve(w.gave(ada, w.mentoring(), november(2), 60))
	pdf, err := w.volunteering.CertificateSelf(w.self(ada), day.Day{}, day.Day{})
	require.NoError(t, err)
	require.Contains(t, pdfText(t, pdf), "Ada Hale")
	_, err = w.volunteering.Certificate(w.self(ben), ada.ID.UUID, day.Day{}, day.Day{})
	require.ErrorIs(t, err, person.ErrNotFound)
	_, err = w.volunteering.CertificateSelf(w.coordinator(), day.Day{}, day.Day{})
	require.ErrorIs(t, err, person.ErrSessionOver)
	other := actor.With(t.Context(), actor.Actor{Kind: actor.KindLogin, ID: uuid.New(), OrgID: w.neighbour().ID.UUID})
	_, err = w.volunteering.Certificate(other, ada.ID.UUID, day.Day{}, day.Day{})
	require.ErrorIs(t, err, person.ErrNotFound)
}

func TestALongCertificateHasItsPagesCounted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.person("Ada", "Hale", "ada@example.org")
	var opportunities []volunteer.Opportunity
	for i := range 60 {
		o, err := volunteer.NewOpportunity(w.org, w.details(func(d *volunteer.Details) {
			d.Title, d.Kind = fmt.Sprintf("Help number %d with a name that takes more than one line of the table", i), volunteer.Flexible
			d.Slug = fmt.Sprintf("help-%d", i)
		}), w.now())
		require.NoError(t, err)
		opportunities = append(opportunities, o)
	}
	var hours []volunteer.Hours
	for _, o := range opportunities {
		h, err := volunteer.NewHours(o, ada.ID.UUID, volunteer.HoursDetails{On: november(3), Minutes: 61, Source: volunteer.ByStaffHand}, november(22), w.now())
		require.NoError(t, err)
		require.NoError(t, h.Approve(nil, w.now()))
		hours = append(hours, h)
	}
	w.store(&opportunities, &hours)
	pdf, err := w.volunteering.Certificate(w.coordinator(), ada.ID.UUID, day.Day{}, day.Day{})
	require.NoError(t, err)
	sample(t, "long", pdf)
	text := pdfText(t, pdf)
	require.Equal(t, 5, strings.Count(text, " of 5"))
	require.GreaterOrEqual(t, strings.Count(text, "Service From, until Hours"), 4, "every page of the table has its head")
	require.Contains(t, text, "Total 61 h")
	for i := range 60 {
		require.Contains(t, text, fmt.Sprintf("Help number %d with", i))
	}
}

func TestHostileNamesNeverBreakACertificate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	o, ada := w.mentoring(), w.person("Ada", "Hale", "ada@example.org")
	w.approve(w.gave(ada, o, november(2), 60))
	for i, name := range []string{
		strings.Repeat("W", 100), strings.Repeat("🎉", 100), "(\\) Tj ET", "</title><script>", "\uFFFF\uFFFE\U0010FFFF", "محمد بن سلمان (Mo) 123", strings.Repeat("خ", 100),
		"李明" + strings.Repeat("龍", 98), "Zoë Ødegård", "Анна Петрова", "\uE000\uE001",
	} {
		w.inTx(func(tx database.Tx) error {
			db := tx.Gorm(t.Context())
			for _, sql := range []string{
				"update people set first_name = ?, last_name = '' where id = '" + ada.ID.String() + "'", "update opportunities set title = ?", "update organizations set legal_name = ?, receipt_signatory = legal_name where id = '" + w.org.ID.String() + "'",
			} {
				if err := db.Exec(sql, name).Error; err != nil {
					return err
				}
			}
			return nil
		})
		pdf, err := w.volunteering.Certificate(w.coordinator(), ada.ID.UUID, day.Day{}, day.Day{})
		require.NoError(t, err, "%q", name)
		sample(t, fmt.Sprintf("hostile-%d", i), pdf)
		text := pdfText(t, pdf)
		require.Contains(t, text, "Total 1 h", "%q", name)
		require.Contains(t, text, "Page 1 of ", "%q", name)
	}
}
