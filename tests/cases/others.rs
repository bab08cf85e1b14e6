//! Cases about introspection, logout and forward auth.
