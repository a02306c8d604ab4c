function upload {
  echo "> uploading"
  dput "ppa:acme/widget" ../*.changes
}
