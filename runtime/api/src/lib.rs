//! The record API as functions from request to request-form and from rows to bytes.
