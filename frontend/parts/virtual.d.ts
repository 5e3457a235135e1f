declare module "virtual:messages/*" {
  const messages: Record<string, string[]>;
  export default messages;
}

declare module "virtual:icons" {
  const address: string;
  export default address;
}
