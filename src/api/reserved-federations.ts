/** Names that cluster DNS gives a meaning: `<service>.<namespace>.svc.cluster.local` and pods (Kubernetes DNS specification 1.1). */
const CLUSTER_NAMES = ['svc', 'pod', 'cluster', 'local', 'clusterset']

/**
 * Names without a meaning in public DNS that resolvers treat in a way of their own: RFC 6761 (localhost, invalid), 7686
 * (onion), 9476 (alt), ICANN's resolution 2024.07.29.06 (internal). `test` and `example` say nothing to anybody.
 */
const SPECIAL_NAMES = ['localhost', 'invalid', 'onion', 'alt', 'internal']

/**
 * Top-level domains of the root zone with names that everybody asks for: those of RFC 1591 and 3172, the sponsored and
 * generic ones before 2012, and of the later ones those that words of a platform meet. Two letters are left to countries
 * (RFC 1591, 2; ISO 3166-1 alpha-2), so that none of them is listed.
 */
const TOP_LEVEL_DOMAINS = [
  ...['arpa', 'com', 'edu', 'gov', 'int', 'mil', 'net', 'org'],
  ...[
    'aero',
    'asia',
    'biz',
    'cat',
    'coop',
    'info',
    'jobs',
    'mobi',
    'museum',
    'name',
    'post',
    'pro',
    'tel',
    'travel',
    'xxx',
  ],
  ...[
    'app',
    'art',
    'bank',
    'bio',
    'blog',
    'build',
    'business',
    'cloud',
    'club',
    'codes',
    'community',
    'company',
    'computer',
  ],
  ...[
    'data',
    'day',
    'design',
    'dev',
    'digital',
    'email',
    'energy',
    'engineering',
    'events',
    'exchange',
    'finance',
    'fun',
  ],
  ...[
    'games',
    'global',
    'google',
    'goog',
    'green',
    'group',
    'health',
    'help',
    'host',
    'hosting',
    'inc',
    'international',
  ],
  ...[
    'link',
    'live',
    'llc',
    'ltd',
    'market',
    'media',
    'microsoft',
    'network',
    'news',
    'one',
    'online',
    'page',
    'partners',
  ],
  ...[
    'plus',
    'press',
    'prod',
    'productions',
    'red',
    'sale',
    'school',
    'security',
    'services',
    'shop',
    'site',
    'social',
  ],
  ...[
    'software',
    'solutions',
    'space',
    'store',
    'stream',
    'studio',
    'support',
    'systems',
    'team',
    'tech',
    'technology',
  ],
  ...[
    'tools',
    'top',
    'trade',
    'training',
    'university',
    'vip',
    'website',
    'wiki',
    'work',
    'works',
    'world',
    'xyz',
    'zone',
  ],
]

const RESERVED = new Map<string, string>([
  ...TOP_LEVEL_DOMAINS.map((name) => [name, 'is a public top-level domain'] as const),
  ...SPECIAL_NAMES.map((name) => [name, 'has its own meaning in DNS'] as const),
  ...CLUSTER_NAMES.map((name) => [name, 'has its own meaning in cluster DNS'] as const),
])

/**
 * Why a federation may not have this name (DESIGN 5.9): its short names `<service>.<namespace>.<federation>` would stand in
 * front of what others publish under that name. The last label decides.
 * @returns a phrase that follows the name; undefined when it may
 */
export function whyReserved(federation: string): string | undefined {
  const last = federation.slice(federation.lastIndexOf('.') + 1)
  if (/^[a-z]{2}$/.test(last)) return 'is a top-level domain: two letters are those of countries'
  return RESERVED.get(last)
}
