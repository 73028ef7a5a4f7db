/** Words for a kind (under the empty name) and its fields, by the end of a definition's name: ours, not those of Kubernetes. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>

/** What every object has. */
export const TYPE_META = {
  apiVersion: 'Group and version of the schema that this object follows.',
  kind: 'Kind of this object.',
  metadata: 'What all objects have: name, namespace, labels and more.',
  spec: 'What is wanted.',
  status: 'What is there now, written by controllers.',
} as const

/** Metadata and the small types that many kinds share. */
export const META_DESCRIPTIONS: Descriptions = {
  'meta.v1.ObjectMeta': {
    annotations: 'Notes of tools and people: any text by name; not selectable.',
    creationTimestamp: 'When the server made the object. Set by the server.',
    deletionGracePeriodSeconds: 'Seconds between the request to delete it and its end. Set by the server.',
    deletionTimestamp:
      'When its deletion was asked for; it stays until its finalizers are gone. Set by the server.',
    finalizers: 'Names of those who must finish before the object may go.',
    generateName: 'Beginning of a name that the server completes; used when there is no name.',
    generation: 'Counts changes of what is wanted. Set by the server.',
    labels: 'Names and values to select objects by.',
    managedFields: 'Who set which fields, and how. Kept by the server.',
    name: 'Name, unique for its kind within the namespace. Does not change.',
    namespace: 'Namespace it lives in; empty for cluster-scoped kinds. Does not change.',
    ownerReferences: 'Objects that this one belongs to; it is deleted when the last of them is gone.',
    resourceVersion:
      'Version of the stored object; an update that names an older one is refused. Set by the server.',
    uid: 'Identifies this very object, apart from earlier ones of the same name. Set by the server.',
  },
  'meta.v1.OwnerReference': {
    '': 'Names an owner in the same namespace, or a cluster-scoped one.',
    apiVersion: 'Group and version of the owner.',
    blockOwnerDeletion: 'A foreground deletion of the owner waits for this object.',
    controller: 'This owner manages the object; one owner at most.',
    kind: 'Kind of the owner.',
    name: 'Name of the owner.',
    uid: 'uid of the owner.',
  },
  'meta.v1.LabelSelector': {
    '': 'Selects objects by their labels; all parts must hold. An empty one selects everything.',
    matchExpressions: 'Conditions on labels.',
    matchLabels: 'Labels and the values they must have.',
  },
  'meta.v1.LabelSelectorRequirement': {
    '': 'A condition on one label.',
    key: 'Name of the label.',
    operator: 'In, NotIn, Exists or DoesNotExist.',
    values: 'Values for In and NotIn.',
  },
  'meta.v1.Condition': {
    '': 'One thing that holds of an object or not.',
    lastTransitionTime: 'When the status last changed.',
    message: 'Why, in a sentence.',
    observedGeneration: 'The generation that this was said of.',
    reason: 'Why, in one word.',
    status: 'True, False or Unknown.',
    type: 'What the condition is about.',
  },
  'meta.v1.ManagedFieldsEntry': { '': 'Fields set by one manager.' },
  'meta.v1.Time': { '': 'A moment, RFC 3339 in whole seconds.' },
  'meta.v1.MicroTime': { '': 'A moment, RFC 3339 with microseconds.' },
  'meta.v1.FieldsV1': { '': 'A set of fields, as a tree of their names.' },
  'intstr.IntOrString': { '': 'A number, or a text such as a port name or a percentage.' },
  'api.resource.Quantity': { '': 'An amount with a unit, such as 100m or 2Gi.' },
}
