/** Passwords that guessing lists begin with, lower-cased, and words that people lengthen with digits. */
export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(
  `123456 123456789 12345678 1234567890 12345678910 123456789012 1234567 12345 1234 111111 000000 123123 654321 666666 121212 112233
  123321 987654321 0987654321 102030 11111111 1q2w3e 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 q1w2e3r4 q1w2e3r4t5y6
  zaq12wsx qazwsx qazwsxedc qwerty qwertyui qwertyuiop qwerty123 qwerty12345 qwerty123456 qwertyuiop123 asdfgh asdfghjkl asdfasdf zxcvbn
  zxcvbnm poiuytrewq azerty azertyuiop qwertz qwertzuiop password passw0rd p@ssw0rd p@ssword password1 password12 password123
  password1234 password12345 password123456 passwort passwort123 motdepasse contrasena senha parola wachtwoord mypassword yourpassword
  newpassword oldpassword thepassword password! pass passpass pass1234 passphrase passcode letmein letmein123 letmeinnow openup opensesame
  welcome welcome1 welcome12 welcome123 welcome1234 bienvenue willkommen hello hello123 helloworld hello world admin admin1 admin123
  admin1234 administrator adminadmin adminpassword root rootroot toor test test123 test1234 testtest testing testing123 tester guest guest123
  user user123 username default changeme changeme123 changeit changethis changenow temp temporary temppass temporarypassword secret secret123
  topsecret supersecret verysecret mysecret secure security securepassword strongpassword goodpassword login login123 signin access
  access123 accessgranted master master123 superman batman spiderman ironman wonderwoman captainamerica starwars startrek pokemon pikachu
  minecraft fortnite nintendo playstation xbox google google123 facebook instagram twitter youtube linkedin microsoft windows apple iphone
  samsung android computer internet server database mysql postgres oracle cisco juniper router wireless network monkey monkey123 dragon
  dragon123 tiger lion eagle falcon phoenix shadow hunter hunter2 ranger soldier warrior knight ninja samurai killer buster boomer
  cowboy cowboys yankees steelers lakers chelsea arsenal liverpool manchester manchesterunited barcelona realmadrid juventus bayern
  football football1 baseball basketball hockey soccer tennis golf golfer sunshine princess flower butterfly rainbow summer winter spring
  autumn summer2024 winter2024 summer2025 winter2025 summer2026 winter2026 january february march april june july august september october
  november december monday tuesday wednesday thursday friday saturday sunday iloveyou iloveyou1 iloveyou123 iloveyou2 ilovegod iloveme
  loveyou loveme lovely lover forever foreverlove babygirl babyboy baby sweetheart sweety honey sugar angel angels heaven jesus jesuschrist
  jesus123 christ blessed faith hope trustno1 trustnoone nothing whatever fuckyou fuckyou1 fuckoff asshole bitch shithead michael michelle
  jennifer jessica ashley amanda daniel andrew joshua matthew anthony robert thomas charlie charles george jordan jordan23 harley
  maggie ginger pepper bailey buddy lucky lucky7 happy smile cookie chocolate banana orange cheese coffee chicken bacon pizza mustang
  ferrari porsche mercedes corvette camaro chevrolet toyota honda yamaha kawasaki suzuki harleydavidson london paris berlin newyork
  california texas florida america canada australia germany france spain italy mexico brazil russia china japan india freedom liberty
  matrix zion neo trinity morpheus gandalf frodo hobbit lordoftherings harrypotter hogwarts dumbledore voldemort gryffindor
  correcthorsebatterystaple correct horse battery staple abc123 abc1234 abcd1234 abcdef abcdefg abcdefgh abcdefghi abcdefghijkl
  a1b2c3 a1b2c3d4 a1b2c3d4e5f6 aa123456 aaaaaa aaaaaaaaaaaa abcabcabc asdf1234 qweasd qweasdzxc qwe123 qwer1234 qwerasdf qwerasdfzxcv
  incident response incidentresponse monitoring company companyname corporate business office finance accounting invoice payroll manager
  director employee helpdesk support support123 service sysadmin operator devops developer production staging`
    .split(/\s+/)
    .filter((word) => word.length >= 4),
);
