// Package loop is what makes alarms live on the local AWS: metric filters turn log lines into data points, alarms are evaluated
// each minute of the local AWS's clock, and their transitions go back to the server, which stores and publishes them.
//
// On AWS these are services; moto only stores their definitions. The rules are those of the engines alarm and logpattern, which
// the checks use too, so that what a check foretells is what happens.
//
// It is a loop over a [Source], which is the server in the form of private endpoints ([Server]). It keeps nothing that the server
// has not: definitions are read whenever they change, states and data points are given back at once. All of an account and
// region is apart from all others.
//
// An engine that panics costs the alarm or the filter that it was asked about, and nothing else. What goes wrong is told to a
// log once, and again when it changes.
package loop
