"""Tables of numbers and labels: CSV as schools have it, arrays, lists, frames. Numpy only."""
