package receipting

import (
	"context"
	"mime"
	"net/http"
	"strings"

	"tributary/app/platform/web"
	"tributary/domain/receipt"
)

// Pages registers the public page of a receipt, behind a signed link: /r/{token}, and its PDF under the same address with .pdf.
func (s *Service) Pages(p *web.Pages) {
	p.GET("/r/{token}", s.receiptPage)
}

// receiptData is what the template sees.
type receiptData struct {
	Receipt receipt.Content
	Notice  string // why it must not be used; empty while it stands
	PDF     string // address of the PDF on this site
	Slug    string // of the organization, for the supporter page
}

func (s *Service) receiptPage(ctx context.Context, r web.Request) (web.View, error) {
	token, asPDF := strings.CutSuffix(r.Param("token"), ".pdf")
	org, receiptID, err := s.links.open(token)
	if err != nil {
		return web.View{}, err
	}
	k, err := s.find(ctx, org, receiptID)
	if err != nil {
		return web.View{}, err
	}
	if !asPDF {
		return s.viewOf(k), nil
	}
	pdf, err := renderPDF(k.printed())
	if err != nil {
		return web.View{}, err
	}
	disposition := mime.FormatMediaType("inline", map[string]string{"filename": fileName(k.Row.Content)})
	return web.View{
		Body: pdf, ContentType: "application/pdf", Cache: privately,
		Header: http.Header{"Content-Disposition": {disposition}, "X-Robots-Tag": {"noindex"}, "Referrer-Policy": {"no-referrer"}},
	}, nil
}

// privately keeps receipts out of shared caches; the link's secrecy is the donor's.
const privately = "private, no-store"

func (s *Service) viewOf(k Kept) web.View {
	c := k.Row.Content
	return web.View{
		Template: "receipt", Title: c.Title + " " + c.Number, NoIndex: true, Cache: privately,
		Org:    &web.Appearance{Name: k.OrgName, Slug: k.OrgSlug, BrandColor: k.OrgColor},
		Header: http.Header{"Referrer-Policy": {"no-referrer"}},
		Data:   receiptData{Receipt: c, Notice: k.printed().notice(), PDF: s.Path(k.Row.OrgID, k.Row.ID), Slug: k.OrgSlug},
	}
}
