"""What is learned from: tables, arrays, lists, frames, as numbers with names."""
