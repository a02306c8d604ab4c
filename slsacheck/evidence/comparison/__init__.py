"""Two artifacts side by side: whether they are the same, the same but for metadata, or different, and in what.

`compare_images` and `compare_files` answer for images and files, `promotion` for what a copy of an image kept, and
`rebuild` for something built again from what its provenance says.
"""
