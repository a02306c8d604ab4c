plugins {
    id("com.google.cloud.tools.jib") version "3.4.5"
}
