whole() {
# <- definition.function
  echo done
}

half() {
# <- reference.call
  if [ -n "$1" ]; then
    whole
#   ^ reference.call

after() {
  echo "never reached
}
