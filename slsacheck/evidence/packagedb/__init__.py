"""The package databases of images: dpkg (status, status.d, info), apk, rpm as SQLite.

`places` says which file is one, `gathering` keeps their bytes within bounds, `databases` reads them: which packages
are installed in which version, and which file belongs to which package. They are a stranger's, as all of an image.
"""
