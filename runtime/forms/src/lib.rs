//! Handlebars rendering of lists, record pages and forms.
