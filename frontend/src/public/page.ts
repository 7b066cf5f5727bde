// Pages without a script of their own: this entry only gives them their style sheet.
import '../styles/public.css'
